"""A bulletin as a CAP 1.2 message: Chinese first, English beside it where it was written."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from anlan.warn.bulletins import rules, templating
from anlan.warn.bulletins.models import Bulletin, MessageKind
from anlan.wire.cap import Alert, Area, Certainty, Info, MessageType, Parameter, Resource, Scope, Severity, Status, Urgency
from anlan.wire.cap.message import Category, ResponseType, reference_to

BEIJING = ZoneInfo("Asia/Shanghai")


def as_alert(bulletin: Bulletin, earlier: Alert | None = None) -> Alert:
    """The message of a bulletin that has its identifier and time; ``earlier`` is the message that it updates or lifts."""
    if bulletin.identifier is None or bulletin.published_at is None:
        raise ValueError("a bulletin has no message before it is published")
    return Alert(
        identifier=bulletin.identifier,
        sender=rules.sender_code(bulletin.place_code),
        sent=bulletin.published_at.astimezone(BEIJING),
        status=Status.EXERCISE if bulletin.exercise else Status.ACTUAL,
        msg_type=MessageType(bulletin.message_kind),
        scope=Scope.PUBLIC,
        references=(reference_to(earlier),) if earlier is not None else (),
        incidents=str(bulletin.incident_id) if bulletin.incident_id else "",
        infos=_infos(bulletin),
    )


def _infos(bulletin: Bulletin) -> tuple[Info, ...]:
    kind, level = rules.event_type(bulletin.event_code), rules.level(bulletin.level)
    lifted = bulletin.message_kind == MessageKind.CANCEL

    def info(language: str, event: str, headline: str, description: str, instruction: str) -> Info:
        return Info(
            language=language,
            categories=(Category(kind.cap_category),),
            event=event,
            response_types=(ResponseType.ALL_CLEAR,) if lifted else (ResponseType.EXECUTE,),
            urgency=Urgency.PAST if lifted else Urgency.IMMEDIATE,
            severity=Severity(level.cap_severity),
            certainty=Certainty.OBSERVED,
            event_codes=(Parameter("CN-eventType", bulletin.event_code),),
            effective=_local(bulletin.published_at),
            onset=_local(bulletin.onset),
            expires=_local(bulletin.expires),
            sender_name=bulletin.issuer_name,
            headline=headline,
            description=description,
            instruction=instruction,
            contact=bulletin.contact,
            parameters=(Parameter("CN-level", level.code.capitalize()), *_hops(bulletin)),
            resources=_resources(bulletin),
            areas=(_area(bulletin),),
        )

    chinese = info("zh-CN", kind.name_zh, bulletin.headline, bulletin.description, bulletin.instruction)
    infos = [chinese]
    if bulletin.headline_en and bulletin.description_en:
        infos.append(info("en-US", kind.name_en, bulletin.headline_en, bulletin.description_en, bulletin.instruction_en))
    for language in templating.languages():
        words = bulletin.texts.get(language.code)
        if words:
            infos.append(info(language.tag, kind.name_zh, words["headline"], words["description"], words.get("instruction", "")))
    return tuple(infos)


HOPS = "Anlan-hops"


def _hops(bulletin: Bulletin) -> tuple[Parameter, ...]:
    return (Parameter(HOPS, str(bulletin.hops)),) if bulletin.hops else ()


def _resources(bulletin: Bulletin) -> tuple[Resource, ...]:
    """Attachments by an address relative to the message's own (CAP-v1.2 §3.2.3 admits it)."""
    return tuple(
        Resource(
            resource_desc=row["caption"],
            mime_type=row["media_type"],
            size=row["size"],
            uri=f"{bulletin.identifier}/{row['id']}",
            digest=row["sha1"],
        )
        for row in bulletin.attachments
    )


def _area(bulletin: Bulletin) -> Area:
    circle = bulletin.circle
    rings = [rings[0] for rings in (bulletin.area or {}).get("coordinates", [])]
    return Area(
        area_desc=bulletin.area_description,
        polygons=tuple(tuple((latitude, longitude) for longitude, latitude in ring) for ring in rings),
        circles=((circle[1], circle[0], circle[2]),) if circle else (),
        geocodes=tuple(Parameter("GB/T 2260", code) for code in bulletin.area_codes),
    )


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone(BEIJING) if moment is not None else None
