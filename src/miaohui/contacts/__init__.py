"""Whom are we talking to: a contact we know, or a visitor we do not know yet?"""
