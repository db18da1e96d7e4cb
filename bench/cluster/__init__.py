"""Three nodes behind nginx, on PostgreSQL and Redis, under load, while one thing after another breaks.

python -m bench.cluster --clients 300
"""
