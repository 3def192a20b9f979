"""What it means: understanding an utterance and finding its answer, as used when serving."""
