"""How is a knowledge base searched that one process should not hold: in PostgreSQL, with the same scores?"""
