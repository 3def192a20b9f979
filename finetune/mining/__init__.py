"""From conversations without labels to a first bot: intents and answers proposed, for people to look over."""
