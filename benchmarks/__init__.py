"""Speed and accuracy, each with one command, a table for people and a machine-readable last line."""
