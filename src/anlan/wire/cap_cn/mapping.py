"""Early-warning messages to CAP 1.2 and back. What has no element in the other travels as a parameter, so that nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import ClassVar

from anlan.kernel.errors import Refusal
from anlan.kernel.words import N_
from anlan.wire.cap import message as cap
from anlan.wire.cap_cn.decode import time
from anlan.wire.cap_cn.message import BEIJING, Area, EarlyWarning, Info, Level, Method, event_type

EVENT_TYPE, LEVEL, METHOD, AUDIENCE, PART = "CN-eventType", "CN-level", "CN-method", "CN-audience", "CN-audience-part"
CLASSIFICATION = "CN-secClassification"
GEOCODE = "GB/T 2260"
"""Names of values; the first two are those our own bulletins carry."""
SEVERITIES = {
    Level.RED: cap.Severity.EXTREME,
    Level.ORANGE: cap.Severity.SEVERE,
    Level.YELLOW: cap.Severity.MODERATE,
    Level.BLUE: cap.Severity.MINOR,
    Level.UNKNOWN: cap.Severity.UNKNOWN,
}
"""Project's reading: four colours (突发事件应对法 2024, 第六十三条) against the four severities of CAP §3.2.2."""
_LEVELS = {severity: level for level, severity in SEVERITIES.items()}


class CannotMap(Refusal):
    """A CAP message that says no event type of the profile, and none was given."""

    code: ClassVar[str] = "cap_cn_cannot_map"
    sentence: ClassVar[str] = N_("该 CAP 报文没有事件类型编码（CN-eventType），无法写成预警信息报文，请先指定事件类型。")
    status: ClassVar[int] = 422


def to_cap(warning: EarlyWarning, sent_of: Mapping[str, datetime] | None = None) -> cap.Alert:
    """``warning`` as CAP 1.2. ``sent_of`` tells when referenced messages were sent; of those it does not know, the time of record in their
    identifier stands in. The sender is the sender's code, its name the source."""
    references = tuple(reference for found in warning.references if (reference := _reference(found, warning, sent_of or {})))
    return cap.Alert(
        identifier=warning.identifier,
        sender=warning.sender_code,
        sent=warning.send_time,
        status=warning.status,
        msg_type=warning.msg_type,
        scope=warning.scope,
        source=warning.sender,
        # The profile has no words for whom a restricted message is meant; the groups of its channels are the nearest it says.
        restriction="预警责任人" if warning.scope is cap.Scope.RESTRICTED else "",
        addresses=" ".join(_groups(warning)) if warning.scope is cap.Scope.PRIVATE else "",
        note=warning.note,
        references=references,
        infos=tuple(_to_info(info, warning) for info in warning.infos),
    )


def _groups(warning: EarlyWarning) -> Iterator[str]:
    seen = dict.fromkeys(group for method in warning.methods for group in method.audience_groups)
    yield from seen or (warning.sender_code,)


def _reference(identifier: str, warning: EarlyWarning, sent_of: Mapping[str, datetime]) -> str:
    sender, _, rest = identifier.partition("_")
    sent = sent_of.get(identifier) or time(rest[:14]) or warning.send_time
    return f"{sender if rest else warning.sender_code},{identifier},{cap.format_time(sent)}"


def _to_info(info: Info, warning: EarlyWarning) -> cap.Info:
    known = event_type(info.event_type)
    parameters = [cap.Parameter(LEVEL, info.severity)]
    if warning.sec_classification:
        parameters.append(cap.Parameter(CLASSIFICATION, warning.sec_classification))
    for method in warning.methods:
        parameters.append(cap.Parameter(f"{METHOD}:{method.name}", method.message))
        if method.audience_groups:
            parameters.append(cap.Parameter(f"{AUDIENCE}:{method.name}", ",".join(method.audience_groups)))
        if method.audience_part:
            parameters.append(cap.Parameter(f"{PART}:{method.name}", method.audience_part))
    lifted = warning.msg_type is cap.MessageType.CANCEL
    return cap.Info(
        language=info.language,
        categories=(known.cap_category if known else cap.Category.OTHER,),
        event=known.name_zh if known else info.event_type,
        response_types=(cap.ResponseType.ALL_CLEAR,) if lifted else (),
        urgency=info.urgency,
        severity=SEVERITIES[info.severity],
        certainty=info.certainty,
        event_codes=(cap.Parameter(EVENT_TYPE, info.event_type),),
        effective=info.effective,
        onset=info.onset,
        expires=info.expires,
        sender_name=info.sender_name or warning.sender,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        web=info.web,
        contact=info.contact,
        parameters=tuple(parameters),
        areas=tuple(
            cap.Area(
                area_desc=area.area_desc or ",".join(area.geocodes),
                polygons=area.polygons,
                circles=area.circles,
                geocodes=tuple(cap.Parameter(GEOCODE, code) for code in area.geocodes),
            )
            for area in info.areas
        ),
    )


def from_cap(alert: cap.Alert, event_code: str = "") -> EarlyWarning:
    """``alert`` in the profile, its Chinese blocks, or the first one where there is none. ``event_code`` for messages that carry no code
    of the profile, as those from abroad. Raises :class:`CannotMap` without either."""
    chosen = [info for info in alert.infos if info.language.lower().startswith("zh")] or list(alert.infos[:1])
    parameters = chosen[0].parameters if chosen else ()
    return EarlyWarning(
        identifier=alert.identifier,
        sender=alert.source or (chosen[0].sender_name if chosen else "") or alert.sender,
        sender_code=alert.sender,
        send_time=alert.sent.astimezone(BEIJING),
        status=alert.status,
        msg_type=alert.msg_type,
        scope=alert.scope,
        infos=tuple(_from_info(info, event_code) for info in chosen),
        methods=tuple(_methods(parameters)),
        sec_classification=_value(parameters, CLASSIFICATION),
        note=alert.note,
        references=tuple(reference.split(",")[1] for reference in alert.references if reference.count(",") >= 1),
    )


def _from_info(info: cap.Info, event_code: str) -> Info:
    code = _value(info.event_codes, EVENT_TYPE) or _value(info.parameters, EVENT_TYPE) or event_code
    if not code:
        raise CannotMap()
    told = _value(info.parameters, LEVEL).capitalize()
    return Info(
        event_type=code,
        severity=Level(told) if told in set(Level) else _LEVELS[info.severity],
        language=info.language,
        urgency=info.urgency,
        certainty=info.certainty,
        effective=_beijing(info.effective),
        onset=_beijing(info.onset),
        expires=_beijing(info.expires),
        sender_name=info.sender_name,
        headline=info.headline,
        description=info.description,
        instruction=info.instruction,
        web=info.web,
        contact=info.contact,
        areas=tuple(
            Area(
                area_desc=area.area_desc,
                polygons=area.polygons,
                circles=area.circles,
                geocodes=tuple(pair.value for pair in area.geocodes if pair.value_name == GEOCODE),
            )
            for area in info.areas
        ),
    )


def _methods(parameters: tuple[cap.Parameter, ...]) -> Iterator[Method]:
    for pair in parameters:
        kind, colon, name = pair.value_name.partition(":")
        if kind == METHOD and colon:
            groups = _value(parameters, f"{AUDIENCE}:{name}")
            yield Method(name, pair.value, tuple(groups.split(",")) if groups else (), _value(parameters, f"{PART}:{name}"))


def _value(pairs: tuple[cap.Parameter, ...], name: str) -> str:
    return next((pair.value for pair in pairs if pair.value_name == name), "")


def _beijing(moment: datetime | None) -> datetime | None:
    return moment.astimezone(BEIJING) if moment is not None else None
