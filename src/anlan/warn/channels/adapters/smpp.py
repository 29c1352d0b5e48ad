"""Text messages by SMPP 3.4: bound as a transceiver, UCS-2, long texts in parts, receipts as ``deliver_sm``.

SMPP knows no key: what was sent when the line broke stays unknown, and the person is tried on his next channel rather than told twice.
``options``: ``system_id``, ``source`` (sender's number), ``system_type``. The secret is the password. The receipt of the last part stands for the whole.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import smpplib.client
import smpplib.consts
import smpplib.exceptions
import smpplib.gsm
import structlog

from anlan.kernel import clock
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
    Told,
    WrongOption,
)

log = structlog.get_logger()
_BUSY = {smpplib.consts.SMPP_ESME_RTHROTTLED, smpplib.consts.SMPP_ESME_RMSGQFUL, smpplib.consts.SMPP_ESME_RSYSERR}
"""Statuses by which a centre asks to try later (SMPP 3.4, 5.1.3)."""
_STATES = {
    "DELIVRD": Told.DELIVERED,
    "ACCEPTD": Told.ACCEPTED,
    "EXPIRED": Told.FAILED,
    "DELETED": Told.FAILED,
    "UNDELIV": Told.FAILED,
    "REJECTD": Told.FAILED,
}
"""States of a delivery receipt (SMPP 3.4, appendix B); UNKNOWN and ENROUTE say nothing."""
_RECEIPT = re.compile(r"id:(?P<id>\S{1,65}).*?stat:(?P<stat>[A-Z]{7}).*?(?:err:(?P<err>\S{1,8}))?", re.DOTALL)


def receipt_of(text: str, at: datetime) -> ReceiptNote | None:
    """The receipt in the text of a ``deliver_sm`` (``id:… stat:DELIVRD …``); ``None`` when it says nothing."""
    found = _RECEIPT.search(text)
    told = _STATES.get(found["stat"]) if found else None
    return ReceiptNote(told, at, ref=found["id"], reason="" if told is Told.DELIVERED else found["stat"]) if found and told else None


class Smpp:
    """One bind to a message centre, made when first needed and again after a fault."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.endpoint)
        if parts.scheme != "smpp" or not parts.hostname or not parts.port:
            raise WrongOption(name="endpoint", why="smpp://host:2775")
        if f"{parts.hostname}:{parts.port}".lower() not in settings.hosts:
            raise HostNotAllowed(host=f"{parts.hostname}:{parts.port}")
        if not settings.options.get("system_id") or not settings.options.get("source"):
            raise WrongOption(name="system_id, source", why="—")
        self.settings = settings
        self._host, self._port = parts.hostname, parts.port
        self._client: Any = None
        self._answers: dict[int, Any] = {}
        self._notes: list[ReceiptNote] = []

    def _bound(self) -> Any:
        if self._client is not None:
            return self._client
        client = smpplib.client.Client(self._host, self._port, timeout=self.settings.timeout_s, allow_unknown_opt_params=True)
        client.set_message_sent_handler(self._sent)
        client.set_message_received_handler(self._received)
        client.set_error_pdu_handler(self._sent)
        try:
            client.connect()
            client.bind_transceiver(
                system_id=str(self.settings.options["system_id"]),
                password=self.settings.secret,
                system_type=str(self.settings.options.get("system_type", "")),
            )
        except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError) as trouble:
            client.disconnect()
            raise NotSent(carrier=self.settings.name, why=str(trouble)[:100]) from trouble
        self._client = client
        return client

    def _sent(self, pdu: Any, **_more: Any) -> None:
        self._answers[pdu.sequence] = pdu

    def _received(self, pdu: Any, **_more: Any) -> int:
        text = bytes(pdu.short_message or b"").decode("latin-1")
        note = receipt_of(text, clock.now())
        if note is not None:
            self._notes.append(note)
        return int(smpplib.consts.SMPP_ESME_ROK)

    def send(self, batch: Sequence[Outgoing]) -> list[Result]:
        """Submit every part of the batch, then wait for the centre's answers to all of them."""
        client = self._bound()
        self._answers.clear()
        sequences: list[list[int]] = []
        broken = ""
        for each in batch:
            try:
                sequences.append(self._submit(client, each))
            except (smpplib.exceptions.ConnectionError, OSError) as trouble:
                broken = str(trouble) or type(trouble).__name__
                break
        if not broken:
            broken = self._await({number for numbers in sequences for number in numbers})
        if broken:
            self.close()
        # Not even begun: may be sent again. Begun and not answered: nobody knows.
        results = [self._result(numbers) for numbers in sequences]
        if len(results) < len(batch):
            results.append(Result(Answer.UNKNOWN, reason=broken[:120]))
            results += [Result(Answer.LATER, reason=broken[:120])] * (len(batch) - len(results))
        return results

    def _submit(self, client: Any, each: Outgoing) -> list[int]:
        parts, coding, kind = smpplib.gsm.make_parts(each.text, encoding=smpplib.consts.SMPP_ENCODING_ISO10646)
        numbers = []
        for place, part in enumerate(parts, 1):
            pdu = client.send_message(
                source_addr_ton=smpplib.consts.SMPP_TON_UNK,
                source_addr=str(self.settings.options["source"]),
                dest_addr_ton=smpplib.consts.SMPP_TON_UNK,
                destination_addr=each.address,
                short_message=part,
                data_coding=coding,
                esm_class=kind,
                priority_flag={"red": 3, "orange": 2, "yellow": 1}.get(each.level, 0),
                validity_period=each.expires.astimezone(UTC).strftime("%y%m%d%H%M%S000+"),
                registered_delivery=place == len(parts),
            )
            numbers.append(pdu.sequence)
        return numbers

    def _await(self, wanted: set[int]) -> str:
        until = time.monotonic() + self.settings.timeout_s
        while wanted - self._answers.keys():
            if time.monotonic() > until:
                return "timed out"
            try:
                self._client.read_once(auto_send_enquire_link=False)
            except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError) as trouble:
                return str(trouble) or type(trouble).__name__
        return ""

    def _result(self, numbers: Sequence[int]) -> Result:
        answers = [self._answers.get(number) for number in numbers]
        if any(pdu is None for pdu in answers):
            return Result(Answer.UNKNOWN, reason="no answer")
        statuses = [int(pdu.status) for pdu in answers if pdu is not None]
        wrong = next((status for status in statuses if status), 0)
        if not wrong:
            ref = answers[-1].message_id  # type: ignore[union-attr]
            return Result(Answer.ACCEPTED, ref=ref.decode("latin-1") if isinstance(ref, bytes) else str(ref or ""))
        # Of a text in parts of which one was refused nobody knows what the person sees.
        if any(not status for status in statuses):
            return Result(Answer.UNKNOWN, reason=f"0x{wrong:08X}")
        return Result(Answer.LATER if wrong in _BUSY else Answer.REFUSED, reason=f"0x{wrong:08X}")

    def receipts(self) -> list[ReceiptNote]:
        """What the centre has pushed down the line since."""
        if self._client is not None:
            try:
                self._client.poll(auto_send_enquire_link=False)
            except (smpplib.exceptions.ConnectionError, smpplib.exceptions.PDUError, OSError, ValueError) as trouble:
                log.warning("smpp_line_lost", carrier=self.settings.name, trouble=str(trouble)[:100])
                self.close()
        found, self._notes = self._notes, []
        return found

    def ask(self, _keys: Sequence[str]) -> dict[str, str]:
        """SMPP cannot be asked by key."""
        return {}

    def check(self) -> None:
        """Bind."""
        self._bound()

    def close(self) -> None:
        """Drop the line."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()


SMPP = AdapterKind("sms_smpp", N_("短信 SMPP 3.4"), ("sms",), Capabilities(335, 67, (), True, 100, 50, True, False), Smpp)
