"""What does every room stand on? Clock, ids, database, errors, telemetry: the ground, which knows nothing of ours."""
