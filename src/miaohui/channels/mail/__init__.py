"""How do people write to a company by e-mail, and what goes out to them by it?"""
