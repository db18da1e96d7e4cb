"""Which passages mean what was asked, where words do not meet: by the vectors of a model?"""
