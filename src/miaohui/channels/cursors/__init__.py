"""How far was an inbox read that is asked, not told, and which process reads it now?"""
