"""The search columns of a record, kept by the record itself, and the indexes that lists need.

A model that people look for inherits :class:`SearchableRecord`, answers ``search_fields()`` and lists in its ``Meta``::

    indexes = [search_index(), place_index(), *sort_indexes("ent", "name_key", "uscc", "updated_at")]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Left

from anlan.desk.search.tokens import SearchFields, lexemes, pinyin_key, searchable_text


class LexemeField(models.Field):
    """A ``tsvector`` computed from the record whenever it is saved, by ``save`` and by ``bulk_create`` alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, null=True)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return "tsvector"

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "array_to_tsvector(%s::text[])"

    def pre_save(self, model_instance: Any, add: bool) -> list[str]:
        return lexemes(model_instance.search_fields())

    def copied(self, value: list[str]) -> str:
        """The lexemes as COPY reads a ``tsvector``: each quoted, quotes and backslashes doubled."""
        # A lexeme holds no white space: all of them are escaped in one go.
        escaped = " ".join(value).replace("\\", "\\\\").replace("'", "''")
        return "'" + escaped.replace(" ", "' '") + "'" if value else ""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> None:
        # Nobody reads it: the next save computes it anew.
        return None


class SearchTextField(models.TextField):
    """The folded text that confirms a match, computed with the lexemes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(editable=False, default="", blank=True)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: Any, add: bool) -> str:
        text = searchable_text(model_instance.search_fields())
        setattr(model_instance, self.attname, text)
        return text


class PinyinKeyField(models.CharField):
    """Sort key of a Chinese text by pinyin, compared byte by byte, because the database may know no Chinese collation.

    ``PinyinKeyField("name")`` follows the field ``name`` at every save.
    """

    def __init__(self, source: str = "name", *args: Any, **kwargs: Any) -> None:
        self.source = source
        kwargs.update(max_length=120, editable=False, default="", blank=True, db_collation="C")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "source": self.source}

    def pre_save(self, model_instance: Any, add: bool) -> str:
        key = pinyin_key(getattr(model_instance, self.source) or "")
        setattr(model_instance, self.attname, key)
        return key


class SearchableRecord(models.Model):
    """Adds ``search_text`` and ``search_tokens``; the model answers what it is found by in :meth:`search_fields`."""

    search_text = SearchTextField()
    search_tokens = LexemeField()

    if TYPE_CHECKING:
        # The key belongs to whoever inherits: a UUID for records, a code for places.
        id: Any
        pk: Any

    class Meta:
        abstract = True

    def search_fields(self) -> SearchFields:
        """What this record is found by."""
        return SearchFields(names=(str(getattr(self, "name", "")),))

    def save(
        self,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Save; the search columns follow every save, also one that names its fields or was loaded with some deferred."""
        if update_fields is None and not self._state.adding and self.get_deferred_fields():
            loaded = {field.attname for field in self._meta.concrete_fields} - self.get_deferred_fields()
            update_fields = loaded - {self._meta.pk.attname if self._meta.pk else "id"}
        if update_fields is not None:
            keys = {field.name for field in self._meta.concrete_fields if isinstance(field, PinyinKeyField)}
            update_fields = {*update_fields, "search_text", "search_tokens", *keys}
        super().save(force_insert=force_insert, force_update=force_update, using=using, update_fields=update_fields)


def search_index() -> GinIndex:
    """The index behind every search of a :class:`SearchableRecord`."""
    return GinIndex(fields=["search_tokens"])


def place_index(label: str, field: str = "place_code") -> models.Index:
    """Finds a place and everything below it by prefix, whatever collation the database has."""
    return models.Index(OpClass(field, "text_pattern_ops"), "id", name=f"{label}_{field}_like"[:30])


def list_index(label: str, *columns: str, place: str = "place_code") -> models.Index:
    """A narrow copy of what lists ask of a wide table, ordered by place: every filter and sort column of the resource.

    Counting and gathering the matches within a jurisdiction then reads neighbouring index pages instead of as many table pages as there
    are rows. Takes the place of :func:`place_index`.
    """
    return models.Index(fields=[place], opclasses=["text_pattern_ops"], include=["id", "classification", *columns], name=f"{label}_list")


def sort_indexes(label: str, *columns: str, place: str | None = "place_code") -> list[models.Index]:
    """Indexes for a list sorted by each of ``columns``: over the nation, and within one province and one city.

    ``label`` begins the index names (keep it short: a name has 30 characters). Without the scoped ones a province officer's first page
    would walk past all other provinces: names begin with the place, so name and place go together.
    """
    found: list[models.Index] = []
    for column in columns:
        found.append(models.Index(fields=[column, "id"], name=f"{label}_{column}"[:27] + "_s0"))
        if place:
            found += [models.Index(Left(place, width), column, "id", name=f"{label}_{column}"[:27] + f"_s{width}") for width in (2, 4)]
    return found
