"""``anlan audit verify`` and ``anlan manage``: commands on the node's own records."""

from __future__ import annotations

import argparse

from anlan.site.launcher.say import line


def audit(arguments: list[str]) -> int:
    """Recompute the hash chain of the audit log; 0 when it holds, 1 with the first broken entry when it does not."""
    parser = argparse.ArgumentParser(prog="anlan audit", description="Check the audit log.")
    parser.add_argument("verb", choices=["verify"], help="recompute the chain from its first entry")
    parser.parse_args(arguments)
    from anlan.ledger import audit as ledger_audit

    result = ledger_audit.verify()
    if result.intact:
        line(f"The audit log holds: {result.entries} entries, each bound to the one before.")
    else:
        line(f"The audit log is broken at entry {result.broken_at} ({result.why}); {result.entries} entries before it hold.")
    return 0 if result.intact else 1


def manage(arguments: list[str]) -> int:
    """Run a Django management command with the node's environment."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["anlan manage", *arguments])
    return 0
