"""What do chunks mean to a model, where the server searches?"""
