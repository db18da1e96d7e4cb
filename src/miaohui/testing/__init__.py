"""Doubles that speak the true wire format: a scripted upstream, a fake clock, a scripted visitor."""
