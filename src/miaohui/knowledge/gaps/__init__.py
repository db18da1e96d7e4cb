"""What was asked that the knowledge base could not answer, and what should be written next?"""
