"""Which companies live on this platform?"""
