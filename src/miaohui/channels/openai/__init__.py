"""How does a program that speaks OpenAI's protocol get this house's engines: `/v1/chat/completions`, `/v1/models`?"""
