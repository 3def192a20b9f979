"""What was said: the event log and everything derived from it."""
