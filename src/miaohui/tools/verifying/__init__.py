"""How does a visitor prove who they are before anything private is read?"""
