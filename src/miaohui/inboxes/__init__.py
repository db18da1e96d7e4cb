"""Through which configured doors is a tenant reached, and which assistant serves there?"""
