"""Sensing: devices, the reading stream, alarms."""
