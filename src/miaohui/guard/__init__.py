"""May this message come in, and may these words go out?"""
