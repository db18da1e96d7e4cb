"""What does the tenant's knowledge base say about this, and how sure is it?"""
