"""The words of a resource declaration. Plain frozen dataclasses: a room's ``screens.py`` fills them in, the desk reads them.

Nothing here touches the database or a request. Every text a person may read is a lazy translation or a plain Chinese string.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.functional import Promise

from anlan.kernel.access import Actor

Text = str | Promise
Tone = Literal["red", "orange", "yellow", "blue", "green", "grey"]


@dataclass(frozen=True)
class Actions:
    """Permission names (``room.verb``). A ``None`` means that the desk offers no such page, button or API call."""

    view: str
    create: str | None = None
    change: str | None = None
    import_: str | None = None
    export: str | None = None


@dataclass(frozen=True)
class Badge:
    """Show a coded value as a filled chip with its word; ``tones`` maps the code to a tone, others stay grey.

    ``quiet(record)`` keeps the chip grey whatever the code: a matter that is closed says what it was and alarms nobody.
    """

    tones: Mapping[Any, Tone] = field(default_factory=dict)
    quiet: Callable[[Any], bool] | None = None

    def tone(self, value: Any) -> Tone:
        """The chip colour of one coded value; unknown is grey, never green."""
        return self.tones.get(value, "grey")


@dataclass(frozen=True)
class Column:
    """One column of the list, the export and the API.

    ``name`` is a model field or an attribute path (``"enterprise.name"``); ``value(record)`` overrides how it is read (always pure
    reading: list pages call it per row, so name joins in ``Resource.joins``). ``sort`` names the model field that an index orders by;
    ``True`` means the field itself, ``None`` not sortable. ``label`` defaults to the model field's ``verbose_name``.
    """

    name: str
    label: Text | None = None
    value: Callable[[Any], Any] | None = None
    link: bool = False
    sort: str | bool | None = None
    badge: Badge | None = None
    numeric: bool = False
    place: bool = False
    hidden: bool = False
    """Not shown until the reader switches it on; still exported and served by the API."""
    spare: bool = False
    """Left out of the card that a row is on a phone: the record's page has it."""


@dataclass(frozen=True)
class Filter:
    """Base of the filters above a list; ``name`` is the parameter in the URL and the API, by default also the model field."""

    name: str
    label: Text | None = None
    field: str | None = None

    @property
    def column(self) -> str:
        """The model field that the filter asks."""
        return self.field or self.name


@dataclass(frozen=True)
class Choice(Filter):
    """One of a list of codes; several may be chosen. Choices default to the model field's own.

    ``choices`` may be a sequence of ``(code, label)`` or a function without arguments that returns one.
    """

    choices: Sequence[tuple[Any, Text]] | Callable[[], Sequence[tuple[Any, Text]]] | None = None


@dataclass(frozen=True)
class Equals(Filter):
    """Exact match of a key that comes by a link rather than from a visible input, e.g. ``?enterprise=<id>``."""


@dataclass(frozen=True)
class Flag(Filter):
    """Yes, no or both of a boolean field."""


@dataclass(frozen=True)
class DateRange(Filter):
    """From and until (both days included, in the node's time zone) of a date or datetime field: ``<name>_from``, ``<name>_to``."""


@dataclass(frozen=True)
class PlaceFilter(Filter):
    """Everything in a place and below it, chosen among the places that the actor may see."""

    name: str = "place"
    field: str | None = "place_code"


@dataclass(frozen=True)
class Field:
    """One line of a detail section; the same reading rules as :class:`Column`."""

    name: str
    label: Text | None = None
    value: Callable[[Any], Any] | None = None
    badge: Badge | None = None
    place: bool = False
    help: Text = ""


@dataclass(frozen=True)
class Section:
    """A titled group of lines on the detail page. Plain strings are model fields."""

    label: Text
    fields: tuple[str | Field, ...]
    open: bool = True


@dataclass(frozen=True)
class Related:
    """A tab with records of another resource that point here: ``Related("risksources", by="enterprise")``.

    ``resource`` is the other resource's code (resolved late, so a lower room may name an upper one); ``by`` is its filter name. The tab is
    shown only to those who may view the other resource.
    """

    resource: str
    by: str
    label: Text | None = None
    limit: int = 20


@dataclass(frozen=True)
class Fragment:
    """A part of the detail page of the room's own making.

    ``context(record, request)`` feeds ``template``; or ``url`` names a view that takes the record's id and is loaded by htmx.
    """

    label: Text
    template: str | None = None
    context: Callable[[Any, HttpRequest], Mapping[str, Any]] | None = None
    url: str | None = None
    action: str | None = None
    """Permission needed to see it; by default the resource's view action."""


@dataclass(frozen=True)
class Input:
    """One input of the form. Without ``field`` the desk derives it from the model field of the same name.

    ``field`` is a form field or a function returning one (for choices that are read late). ``on`` limits it to creating or changing.
    """

    name: str
    field: forms.Field | Callable[[], forms.Field] | None = None
    label: Text | None = None
    help: Text = ""
    required: bool | None = None
    place: bool = False
    group: Text = ""
    choices: Callable[[Actor, Any], Sequence[tuple[str, Text]]] | None = None
    """For a choice among what the one who asks may see: ``choices(actor, present value)``, filled in when the page is shown. The service checks."""
    on: Literal["both", "create", "change"] = "both"


CreateService = Callable[..., models.Model]
"""``create(**values, actor=..., now=...) -> record``; ``values`` are the cleaned inputs by name."""
ChangeService = Callable[..., models.Model]
"""``change(record_id, **values, actor=..., now=...) -> record``; with ``reason_required`` also ``reason="..."``."""


@dataclass(frozen=True)
class Form:
    """Create and change through the room's own services. Refusals of the services appear beside the inputs they name."""

    inputs: tuple[str | Input, ...]
    create: CreateService | None = None
    change: ChangeService | None = None
    reason_required: bool = False
    clean: Callable[[dict[str, Any]], None] | None = None
    """Checks across inputs before the service is called; raises a ``Refusal`` (``Invalid(fields=...)`` to point at inputs)."""


@dataclass(frozen=True)
class SheetColumn:
    """One column of the spreadsheet template.

    ``parse(text) -> value`` raises a ``Refusal`` whose sentence is shown with the row and column; cells arrive as stripped text (numbers
    without a needless ``.0``, dates in ISO form). See :mod:`anlan.desk.resource.cells` for ready parsers. ``example`` fills the template.
    """

    name: str
    label: Text
    parse: Callable[[str], Any] | None = None
    required: bool = False
    example: str = ""
    help: Text = ""
    unique: bool = False
    """No two rows of the file and no record in the store may share the value (the field of the same name, or ``stored_in``)."""
    stored_in: str | None = None


@dataclass(frozen=True)
class Sheet:
    """Spreadsheet import. Checked completely before anything is written.

    ``check(values) -> None`` judges a whole row (raises a ``Refusal``; ``Invalid(fields=...)`` names columns);
    ``write(rows, *, actor, now) -> int`` is the room's service that stores up to a thousand checked rows inside the desk's one
    transaction and returns how many; ``place(values) -> place_code`` tells where a row belongs, so that nobody imports outside
    his jurisdiction (default: ``values["place_code"]``). ``resolve(rows, *, actor, now) -> {index: (column, Refusal)}`` looks up what a
    whole batch names in other rooms with one question, writes what it found into the rows, and refuses what is not there; it may put the
    value by which a ``unique`` column is compared into that column.
    """

    columns: tuple[SheetColumn, ...]
    write: Callable[..., int]
    check: Callable[[Mapping[str, Any]], None] | None = None
    place: Callable[[Mapping[str, Any]], str] | None = None
    resolve: Callable[..., Mapping[int, tuple[str, Any]]] | None = None
    limit: int = 200_000


@dataclass(frozen=True)
class Mark:
    """A chip behind the title of a row of a list: something that only other records tell of it."""

    text: Text
    tone: Tone = "grey"


@dataclass(frozen=True)
class MapPoints:
    """The record kind as a point layer: model fields of the WGS-84/CGCS2000 coordinates in degrees, and what a point tells."""

    longitude: str = "longitude"
    latitude: str = "latitude"
    properties: tuple[str, ...] = ()
    tone: Callable[[Any], Tone] | None = None
    tone_by: tuple[str, ...] = ()
    """The model fields that ``tone`` looks at. Where they are named, tiles count thousands of records by tone without reading each."""


@dataclass(frozen=True)
class Resource:
    """The whole declaration. ``code`` is the URL segment, the API path and the name by which other rooms refer to it.

    ``title`` is the attribute that names a record (crumbs, search hits, links). ``order`` is the list's first order, a column's sort field
    with an optional ``-``. ``joins`` are passed to ``select_related``. ``search`` set to ``True`` needs the model to be a
    :class:`anlan.desk.search.SearchableRecord`. ``place`` and ``enterprise`` name the fields that scope the record.
    ``detail_url`` names a room's own page (takes the id) instead of the desk's.
    """

    code: str
    label: Text
    model: type[models.Model]
    actions: Actions
    columns: tuple[Column, ...]
    title: str = "name"
    filters: tuple[Filter, ...] = ()
    order: str = "-created_at"
    search: bool = False
    detail: tuple[Section | Related | Fragment, ...] = ()
    form: Form | None = None
    sheet: Sheet | None = None
    map: MapPoints | None = None
    move: Callable[..., Any] | None = None
    """For a case: ``move(case_id, move_code, *, fields, reason, actor, now)``, the room's service (or ``moving.plain_move(Model)``)."""
    joins: tuple[str, ...] = ()
    navigation: str = ""
    empty: Text = ""
    """Why the list may be empty and what to do next, shown in the empty state beside the buttons."""
    detail_url: str | None = None
    visible_to: Callable[[Any], models.QuerySet[Any]] | None = None
    """``visible_to(actor)`` replaces the usual scope where sight follows another rule (a plan of the province is seen in its counties)."""
    gone: Callable[[Any, Any], None] | None = None
    """``gone(id, actor)`` raises what became of a record that nobody finds any more, where there is more to say than that."""
    create_url: str | None = None
    """Route of a room's own page for a new record; needs ``actions.create``."""
    live: tuple[str, ...] = ()
    """Event kinds after which an open list or detail page refreshes itself."""
    marks: Callable[[Sequence[Any], Actor], Mapping[Any, Mark]] | None = None
    """``marks(rows, actor)``: chips by the record's key for one page of the list, asked once for all its rows."""
