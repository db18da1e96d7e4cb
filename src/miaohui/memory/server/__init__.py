"""Which of very many facts are near a question, where PostgreSQL knows vectors?"""
