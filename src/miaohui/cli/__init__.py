"""The terminal: what may an operator do from a shell?"""
