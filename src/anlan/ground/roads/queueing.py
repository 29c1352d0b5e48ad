"""Puts the reading of a road file on the node's list of jobs."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app as _app


def queue_import(network_id: UUID) -> None:
    """Queue ``roads.import`` (:mod:`.tasks`) inside the present transaction; one job at a time for one import."""
    _app.configure_task("roads.import", queue="roads", lock=f"roads:{network_id}").defer(network_id=str(network_id))
