"""What may an operator change, in which unit, and within which bounds?"""
