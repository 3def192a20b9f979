"""What staff look at, made of the log: rows beside it that can be thrown away and made again."""
