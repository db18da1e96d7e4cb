"""Which agent serves whom, who waits for one, and what do agents need at hand?"""
