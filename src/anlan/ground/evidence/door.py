"""What other rooms may do with evidence: attach a file to a record of theirs, and list what is attached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, ClassVar, Protocol
from uuid import UUID

from django.utils.translation import gettext

from anlan.ground.evidence import queries, rules, store
from anlan.kernel.access import Actor, Classification
from anlan.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class ExhibitAttached(Event):
    """A file was attached; ``subject_id`` is the exhibit's id, ``record_type`` and ``record_id`` name the record it belongs to."""

    kind: ClassVar[str] = "evidence.attached"
    action: ClassVar[str] = "evidence.view"
    record_type: str
    record_id: str


class Subject(Protocol):
    """What a file can be attached to: any :class:`anlan.ledger.records.Record`."""

    pk: UUID
    place_code: str
    classification: int


class File(Protocol):
    """An uploaded file: a readable binary stream with a name, such as Django's ``UploadedFile``."""

    name: str | None

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class ExhibitSummary:
    """One file of a record. ``size`` in bytes; ``sha256`` in hex; ``kind`` a code of ``rules.KINDS``."""

    id: UUID
    filename: str
    media_type: str
    kind: str
    size: int
    sha256: str
    caption: str
    classification: int
    added_by_name: str
    created_at: datetime
    taken_at: datetime | None
    longitude: float | None
    latitude: float | None

    @property
    def is_picture(self) -> bool:
        """Whether it is a photograph."""
        return self.kind == "photograph"

    @property
    def is_shown_inline(self) -> bool:
        """Whether a browser may show it in the page; everything else is saved to disk."""
        row = rules.types().get(self.media_type)
        return row is not None and row.inline

    @property
    def kind_label(self) -> str:
        """The kind in the language of the request."""
        return gettext(rules.KINDS.get(self.kind, self.kind))


def attach(
    subject: Subject,
    file: File,
    *,
    actor: Actor,
    now: datetime,
    caption: str = "",
    classification: Classification | int | None = None,
    origin: str = "upload",
    device: str = "",
    taken_at: datetime | None = None,
    longitude: float | None = None,
    latitude: float | None = None,
) -> ExhibitSummary:
    """Keep ``file`` for good and tie it to ``subject`` (a record of the caller's).

    The access class is at least the record's own. The same bytes twice on one record give the exhibit that is there. Raises the
    refusals of :mod:`anlan.ground.evidence.rules` (unknown or forbidden content, name that does not fit the content, too large,
    empty, disk full) and ``NotPermitted``.
    """
    from anlan.ground.evidence import services

    return summary_of(
        services.attach(
            services.subject_of(subject),
            file,
            actor=actor,
            now=now,
            facts=services.Facts(
                caption=caption,
                classification=classification,
                origin=origin,
                device=device,
                taken_at=taken_at,
                longitude=longitude,
                latitude=latitude,
            ),
        )
    )


def list_for(subject_type: str, subject_id: UUID | str, actor: Actor) -> tuple[ExhibitSummary, ...]:
    """The files of a record that ``actor`` may see, oldest first. ``subject_type`` is the model label, e.g. ``incidents.incident``."""
    return tuple(summary_of(row) for row in queries.for_subject(subject_type, subject_id, actor))


def count_for(subject_type: str, subject_id: UUID | str, actor: Actor) -> int:
    """How many files of a record ``actor`` may see."""
    return queries.for_subject(subject_type, subject_id, actor).count()


def open_bytes(exhibit_id: UUID | str, actor: Actor) -> BinaryIO:
    """The bytes of an exhibit, opened for reading; the caller closes it. Raises ``NotFound``, or ``Damaged`` when the file is gone."""
    return store.open_bytes(queries.exhibit(exhibit_id, actor).sha256)


def panel_context(subject: Subject, actor: Actor) -> dict[str, object]:
    """What the template ``evidence/_panel.html`` needs to show a record's files and the form to add one."""
    from anlan.ground.evidence import panel

    return panel.panel_context(subject, actor)


_FIELDS = tuple(ExhibitSummary.__dataclass_fields__)


def summary_of(row: object) -> ExhibitSummary:
    """The door's view of an exhibit."""
    return ExhibitSummary(**{name: getattr(row, name) for name in _FIELDS})
