"""Reporting upward inside legal time."""
