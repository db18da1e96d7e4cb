"""What does every door of somebody else's make share: who is behind an address, and what was told to them so far?"""
