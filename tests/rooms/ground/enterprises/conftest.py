"""Fixtures shared with the other rooms of the enterprise file."""

from tests.rooms.ground.plants import clerk, make  # noqa: F401
