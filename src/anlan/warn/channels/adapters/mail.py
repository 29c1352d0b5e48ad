"""E-mail by SMTP. A mail server tells of acceptance only; whether a mail was read nobody knows, and the monitor does not claim it.

``options``: ``from`` (sender), ``user``, ``tls`` (``starttls``, ``ssl`` or ``none``). Endpoint ``smtp://host:port``. The secret is the password.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.core.mail import EmailMessage, get_connection

from anlan.kernel.words import N_
from anlan.warn.channels.adapters.contract import (
    AdapterKind,
    Answer,
    Capabilities,
    HostNotAllowed,
    NotSent,
    Outgoing,
    ReceiptNote,
    Result,
    Settings,
    WrongOption,
)


class Mail:
    """One mail server."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.endpoint)
        if parts.scheme != "smtp" or not parts.hostname:
            raise WrongOption(name="endpoint", why="smtp://host:587")
        place = f"{parts.hostname}:{parts.port or 25}".lower()
        if place not in settings.hosts:
            raise HostNotAllowed(host=place)
        if not settings.options.get("from"):
            raise WrongOption(name="from", why="—")
        self.settings, self._parts = settings, parts
        self._sender = str(settings.options["from"])

    def _connection(self) -> Any:
        options = self.settings.options
        tls = options.get("tls", "starttls")
        return get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=self._parts.hostname,
            port=self._parts.port or 25,
            username=str(options.get("user", "")),
            password=self.settings.secret,
            use_tls=tls == "starttls",
            use_ssl=tls == "ssl",
            timeout=self.settings.timeout_s,
        )

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """One mail each over one connection; each by itself, so that nobody sees another's address."""
        line = self._connection()
        try:
            line.open()
        except (smtplib.SMTPException, OSError) as trouble:
            raise NotSent(carrier=self.settings.name, why=str(trouble)[:100]) from trouble
        results: list[Result] = []
        try:
            for each in batch:
                result = self._one(line, each)
                results.append(result)
                if result.answer is Answer.UNKNOWN:
                    break
        finally:
            line.close()
        return results + [Result(Answer.LATER, reason="line lost")] * (len(batch) - len(results))

    def _one(self, line: Any, each: Outgoing) -> Result:
        domain = self._sender.rpartition("@")[2] or "localhost"
        headers = {"Message-ID": f"<{each.key}@{domain}>", "Content-Language": each.language, "Auto-Submitted": "auto-generated"}
        headers |= {"Importance": "high", "X-Priority": "1"} if each.level in ("red", "orange") else {}
        title = " ".join(each.title.split())
        try:
            line.send_messages([EmailMessage(title, each.text, self._sender, [each.address], headers=headers, connection=line)])
        except smtplib.SMTPRecipientsRefused as refused:
            code = next((reply[0] for reply in refused.recipients.values()), 550)
            return Result(Answer.LATER if 400 <= code < 500 else Answer.REFUSED, reason=f"SMTP {code}")
        except smtplib.SMTPResponseException as answered:
            return Result(Answer.LATER if 400 <= answered.smtp_code < 500 else Answer.REFUSED, reason=f"SMTP {answered.smtp_code}")
        except (smtplib.SMTPException, OSError) as trouble:
            return Result(Answer.UNKNOWN, reason=type(trouble).__name__)
        return Result(Answer.ACCEPTED, ref=each.key)

    def receipts(self) -> list[ReceiptNote]:
        """None come."""
        return []

    def ask(self, _keys: Sequence[str]) -> dict[str, str]:
        """A mail server cannot be asked."""
        return {}

    def check(self) -> None:
        """Open a line and close it."""
        line = self._connection()
        try:
            line.open()
        except (smtplib.SMTPException, OSError) as trouble:
            raise NotSent(carrier=self.settings.name, why=str(trouble)[:100]) from trouble
        line.close()

    def close(self) -> None:
        """Nothing stays open."""


MAIL = AdapterKind("email", N_("电子邮件 SMTP"), ("email",), Capabilities(20000, 0, (), False, 20, 100, False, False), Mail)
