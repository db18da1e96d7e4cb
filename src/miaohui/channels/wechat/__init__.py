"""How does a WeChat Official Account become a door: who knocks, in which cipher, and within five seconds?"""
