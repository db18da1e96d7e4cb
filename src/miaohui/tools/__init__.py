"""What may the engine do besides speaking, and what keeps it from doing it twice or for too long?"""
