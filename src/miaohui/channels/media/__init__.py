"""Where are the pictures, voices and files that conversations speak of?"""
