"""Who outside is told of a fact, in order, at least once, with a signature?"""
