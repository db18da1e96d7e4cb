"""What do we tell the engine?"""
