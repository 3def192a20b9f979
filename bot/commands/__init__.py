"""The commands, one small module per group; imported when they are called."""
