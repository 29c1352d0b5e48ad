"""Builds the Django form of a resource: inputs derived from the model unless the declaration gives its own."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Literal, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField

from anlan.desk.joints import joints
from anlan.desk.refusals import sentence
from anlan.desk.resource.declare import Input, Resource
from anlan.desk.resource.values import field_of
from anlan.kernel.errors import Invalid, Refusal
from anlan.kernel.levels import level_of
from anlan.kernel.words import N_

Mode = Literal["create", "change"]


class UnknownPlace(Refusal):
    code = "unknown_place"
    sentence = N_("行政区划代码“{value}”不在现行代码表中。")
    status = 422


def check_place(code: str) -> str:
    """A place code in force. Raises ``MalformedPlaceCode`` or :class:`UnknownPlace`."""
    code = code.strip()
    level_of(code)
    if joints.place_exists is not None and not joints.place_exists(code):
        raise UnknownPlace(value=code)
    return code


class PlaceField(forms.CharField):
    """A place code typed or chosen from suggestions."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 9)
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "numeric", "autocomplete": "off", "data-place": ""})

    def clean(self, value: Any) -> str:
        """The code, or the refusal's sentence as this input's error."""
        text = super().clean(value)
        if not text:
            return text
        try:
            return check_place(text)
        except Refusal as refusal:
            raise ValidationError(sentence(refusal), code=refusal.code) from refusal


class ResourceForm(forms.Form):
    """Base of the built forms: no colon after labels, help tied to inputs."""

    groups: dict[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def grouped(self) -> list[tuple[str, list[BoundField]]]:
        """Bound fields by group, in the order of the declaration."""
        found: dict[str, list[BoundField]] = {}
        for name in self.fields:
            found.setdefault(str(self.groups.get(name, "")), []).append(self[name])
        return list(found.items())

    @property
    def islands(self) -> tuple[str, ...]:
        """Scripts by which widgets grow beyond their inputs: entries of the web build, named by a widget's ``island``."""
        named = (getattr(field.widget, "island", "") for field in self.fields.values())
        return tuple(dict.fromkeys(name for name in named if name))

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal beside the inputs that it names, else above the form."""
        fields = refusal.fields if isinstance(refusal, Invalid) else {}
        for name, why in fields.items():
            self.add_error(name if name in self.fields else None, sentence(why))
        if not fields:
            self.add_error(None, sentence(refusal))

    def summary(self) -> list[tuple[str, str]]:
        """Every error as the input's name and the sentence, in the order of the inputs."""
        return [(name, str(text)) for name in ("__all__", *self.fields) for text in self.errors.get(name, ())]


def inputs_of(resource: Resource, mode: Mode) -> list[Input]:
    """The inputs of the form when creating or changing."""
    assert resource.form is not None
    inputs = [Input(entry) if isinstance(entry, str) else entry for entry in resource.form.inputs]
    return [entry for entry in inputs if entry.on in ("both", mode)]


def form_class(resource: Resource, mode: Mode) -> type[ResourceForm]:
    """The form of a resource for creating or changing."""
    inputs = inputs_of(resource, mode)
    fields: dict[str, Any] = {entry.name: _field(resource.model, entry) for entry in inputs}
    groups = {entry.name: entry.group for entry in inputs}
    if mode == "change" and resource.form is not None and resource.form.reason_required:
        from django.utils.translation import gettext_lazy as _

        fields["reason"] = forms.CharField(
            label=_("修改理由"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000, help_text=_("将写入审计日志。")
        )
    return type(f"{resource.model.__name__}Form", (ResourceForm,), {**fields, "groups": groups})


def _field(model: type[models.Model], entry: Input) -> forms.Field:
    made: forms.Field | None
    if entry.field is not None:
        made = entry.field() if callable(entry.field) else deepcopy(entry.field)
    elif entry.place or entry.name == "place_code":
        source = field_of(model, entry.name)
        made = PlaceField(label=source.verbose_name if source is not None else entry.name)
    else:
        source = field_of(model, entry.name)
        made = source.formfield() if source is not None else None
    if made is None:
        raise LookupError(f"{model._meta.label}: {entry.name!r} has no editable model field; give the input a field")
    if entry.label is not None:
        made.label = cast("Any", entry.label)
    if entry.help:
        made.help_text = cast("Any", entry.help)
    if entry.required is not None:
        made.required = entry.required
    if isinstance(made, forms.DateField) and not isinstance(made, forms.DateTimeField):
        made.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    elif isinstance(made, forms.DateTimeField):
        made.widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return made


def initial_of(record: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Present values of a record for its change form."""
    found = {}
    for name in names:
        field = field_of(type(record), name)
        found[name] = field.value_from_object(record) if field is not None else getattr(record, name, None)
    return found
