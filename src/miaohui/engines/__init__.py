"""Which engine writes the answer, and how does its stream reach us whole?"""
