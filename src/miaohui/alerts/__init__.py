"""Is something wrong with this installation, and have its operators been told?"""
