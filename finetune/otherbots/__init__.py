"""What other bots' projects hold: examples of intents, and answers to them."""
