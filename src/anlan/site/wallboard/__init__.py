"""Wallboard 大屏: seven panels over the doors of the rooms, for the wall of a duty hall."""
