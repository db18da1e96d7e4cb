"""Which accounts do companies have at the vendors of channels?"""
