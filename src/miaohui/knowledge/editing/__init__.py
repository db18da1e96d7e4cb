"""What is written here and not yet published, and what was published before?"""
