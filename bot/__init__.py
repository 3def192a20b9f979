"""Serving: policy, turn, channels, wiring."""
