"""How does somebody reach an inbox with nothing but an address, and stay who they are?"""
