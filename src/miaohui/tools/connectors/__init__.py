"""How does the assistant ask a company's own systems, without a line of code?"""
