"""Which group of a company's people is told that somebody should look?"""
