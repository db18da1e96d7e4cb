"""What is still owed to a contact after the conversation, by whom, and until when?"""
