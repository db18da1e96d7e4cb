"""How do people write to a company in Telegram? Also the example of how a channel is added."""
