"""What happens between a visitor's message and the end of its reply? The story is `answer.py`."""
