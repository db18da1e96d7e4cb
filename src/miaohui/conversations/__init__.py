"""What was said, by whom, in which order, and who owns the thread now?"""
