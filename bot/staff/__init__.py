"""The people who sign in: who they are, what they may do, and what they did."""
