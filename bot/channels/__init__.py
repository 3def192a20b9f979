"""One module per platform, the only one that knows its library."""
