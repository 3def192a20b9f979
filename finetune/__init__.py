"""Learning: from examples to a Release, and from one Release to a better one."""
