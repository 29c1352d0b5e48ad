"""Codecs: bytes to frozen dataclasses and back, pure."""
