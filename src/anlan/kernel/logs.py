"""Structured logs: one JSON object a line on standard output; the supervisor keeps them per service below ``ANLAN_HOME/logs``.

Supervised processes are told so by ``ANLAN_LOGS=json``; in a developer's shell structlog writes readable lines.
"""

from __future__ import annotations

import logging
import os
import sys

import structlog

_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def configure(level: int = logging.INFO) -> None:
    """Let structlog and the standard library's loggers write the same JSON lines to standard output."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def configure_if_supervised() -> None:
    """As :func:`configure` when ``ANLAN_LOGS=json`` says so; processes call it once when they begin."""
    if os.environ.get("ANLAN_LOGS") == "json":
        configure()
