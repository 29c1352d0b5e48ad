"""Duty, incidents, plans."""
