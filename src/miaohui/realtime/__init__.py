"""Who is watching a conversation, what have they seen, and how do they catch up without a hole?"""
