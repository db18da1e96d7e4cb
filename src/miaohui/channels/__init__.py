"""Through which doors do bytes become messages, and messages bytes?"""
