"""The command ``anlan``: sets a node up, runs its processes under one supervisor, and says how it is.

``say``, ``bootstrap`` and ``python_packages`` use the standard library only: they run before anything is installed.
"""
