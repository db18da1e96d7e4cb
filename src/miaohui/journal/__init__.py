"""What happened in each turn and in each administrative act, and why? Append-only."""
