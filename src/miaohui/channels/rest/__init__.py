"""Which requests may a program or the console make, and what comes back?"""
