"""The weekly report: what a desk's week was, as a text, a page, JSON and a mail."""
