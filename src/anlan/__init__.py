"""Anlan (安澜): work safety and emergency management, one node of a network."""

__version__ = "0.1.0"
