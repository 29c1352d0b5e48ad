"""Passwords of tests: kept by the node's own method, without its deliberate slowness."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id at its cheapest: hundreds of tests sign in and sign papers, and none of them keeps anybody out who guesses."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
