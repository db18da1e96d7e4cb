"""Which share of conversations tries another engine, what would it have said, and when is the trial over?"""
