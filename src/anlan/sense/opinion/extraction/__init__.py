"""Reads what a post says: kind, place, casualties, time, enterprise. Pure: text and names in, guesses with their words out; no network, no model."""
