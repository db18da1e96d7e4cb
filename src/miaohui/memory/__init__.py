"""What do we remember of this conversation and this contact?"""
