"""What does a basket cost, and by which steps does it come to that?"""
