"""How is the place doing, now and over time?"""
