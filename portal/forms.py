"""Forms made from the catalogue: what a form shows of a record, what was typed, and what is wrong with it in a sentence.

An input is named as its field; the parts of a compound value follow a dot ("payment_method.bank"). What the person saw travels
in a hidden `seen.<field>`, so that the door notices who was first. Numbers that identify a person or an account are never written
into a page: such an input starts empty, empty means "as it is", and what was seen travels as a seal that only this portal can check.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from flask import current_app
from msgspec import Struct, field

from portal import formats, wording
from sync.fields import Field
from sync.journal import canonical
from sync.kinds import CATALOGUE
from sync.values import ValueProblem

COMPOUND: Mapping[str, tuple[str, ...]] = {
    "payment_method": ("method", "bank", "account", "holder", "relation", "document", "source"),
    "alternate_recipient": ("name", "relation", "national_id", "document", "until"),
}
"""Type of a compound field → its parts that a form asks for."""
MASKED: Mapping[str, Any] = {
    "national_id": formats.mask_id,
    "payment_method.account": formats.mask_account,
    "alternate_recipient.national_id": formats.mask_id,
}
"""Type, or type and part, of what is never written into a page → how it is half hidden."""
UNSEEN = "•••"
"""Stands for a hidden value that was seen and is not there any more."""

_HOW = {
    "birth": "birth", "day": "day", "month": "month", "money": "money", "bool": "checkbox", "phone": "tel", "national_id": "digits",
    "payment_method.method": "radio", "alternate_recipient.until": "day", "alternate_recipient.national_id": "digits",
    "payment_method.account": "digits",
}  # fmt: skip
"""Type, or type and part → how it is asked for, where the catalogue's `input` does not say it."""
_KNOWN = frozenset({"text", "tel", "textarea", "select", "checkbox", "radio", "birth", "day", "month", "money", "digits", "hidden"})

Options = Mapping[str, Iterable[tuple[str, str]]]


class Typed(Protocol):
    """A form as the browser sent it."""

    def get(self, key: str, /) -> str | None:
        """The first value of an input."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """Every value of an input."""
        ...


class Input(Struct, frozen=True):
    """One input of a form as a template writes it.

    `how` is one of `_KNOWN`; `mask` is what stands there now, half hidden, beside an input that starts empty ("": nothing is hidden).
    """

    name: str
    label: str
    how: str
    value: str
    error: str
    required: bool
    mask: str
    options: list[tuple[str, str]]


class Form(Struct, frozen=True):
    """A form of one kind, for `templates/macros/catalogue.html`; every mapping but `values` is by the name of the input.

    `typed` is what the inputs show; `values` (field → normalised value) and `errors` (sentences) are what was read of them; `seen`
    are the hidden inputs; `masks` what stands there now, half hidden, beside an input that starts empty; `options` the choices.
    """

    kind: str
    names: tuple[str, ...]
    typed: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    masks: dict[str, str] = field(default_factory=dict)
    options: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    prefix: str = ""

    @property
    def fields(self) -> list[Field]:
        """The catalogue's fields of this form, in order."""
        return [CATALOGUE[self.kind].fields[name] for name in self.names]

    def label(self, name: str) -> str:
        """The label of one field."""
        return wording.label(CATALOGUE[self.kind].fields[name])

    def inputs(self, name: str) -> list[Input]:
        """The inputs of one field: several for a compound value."""
        return [self._input(CATALOGUE[self.kind].fields[name], *pair) for pair in _members(CATALOGUE[self.kind].fields[name], self.prefix)]

    def _input(self, each: Field, name: str, member: str) -> Input:
        how = _HOW.get(f"{each.type}.{member}", "text") if member else _HOW.get(each.type, each.input)
        options = self.options.get(name, [])
        value = self.typed.get(name, "")
        if member == "method":
            options = wording.methods()
        elif member == "source":
            options = wording.sources()
        if options and value and how not in ("checkbox", "radio") and value not in dict(options):
            options = [(value, value), *options]
        return Input(
            name=name,
            label=wording.part_label(member) if member else wording.label(each),
            how="select" if options and how not in ("radio", "checkbox") else how if how in _KNOWN else "text",
            value=value,
            error=self.errors.get(name, ""),
            required=each.name in self.required and member in ("", "method", "name"),
            mask=self.masks.get(name, ""),
            options=options,
        )


def show(
    kind: str,
    names: Iterable[str],
    record: Mapping[str, Any] | None = None,
    *,
    options: Options | None = None,
    required: Iterable[str] = (),
    prefix: str = "",
) -> Form:
    """A form of these fields as it opens: empty, or with what stands in a record (its fields, decoded)."""
    form = _frame(kind, names, record, options, required, prefix)
    for each in form.fields:
        value = record.get(each.name) if record is not None else None
        form.typed.update(_inputs(each, value, prefix))
        if record is not None:
            form.seen[prefix + each.name] = _seen_text(each, value)
    return form


def read(
    kind: str,
    typed: Typed,
    names: Iterable[str],
    record: Mapping[str, Any] | None = None,
    *,
    options: Options | None = None,
    required: Iterable[str] = (),
    prefix: str = "",
) -> Form:
    """What was typed into a form of these fields: `values` of the fields that can be read, `errors` for the others.

    `record` is the record as it stands now, where the form is about one: an empty masked input keeps its value.
    """
    form = _frame(kind, names, record, options, required, prefix)
    for each in form.fields:
        name = prefix + each.name
        given = typed.get(f"seen.{name}")
        if given is not None:
            form.seen[name] = given
        current = record.get(each.name) if record is not None else None
        try:
            form.values[each.name] = _read(form, each, typed, current)
        except ValueProblem as problem:
            member = problem.details.get("member")
            form.errors[f"{name}.{member}" if member else name] = wording.wrong_value(problem)
    return form


def pairs(form: Form, record: Mapping[str, Any] | None = None) -> dict[str, tuple[Any, Any]]:
    """Field → (value seen, value wanted), for the door: of each field that was read and differs from what was seen."""
    found = {}
    for each in form.fields:
        if each.name not in form.values:
            continue
        current = record.get(each.name) if record is not None else None
        seen = _seen_value(each, form.seen.get(form.prefix + each.name), current)
        if seen != form.values[each.name]:
            found[each.name] = (seen, form.values[each.name])
    return found


def _frame(
    kind: str, names: Iterable[str], record: Mapping[str, Any] | None, options: Options | None, required: Iterable[str], prefix: str
) -> Form:
    known = CATALOGUE[kind].fields
    chosen = tuple(names)
    must = frozenset(required) | {name for name in chosen if known[name].required}
    given = {name: list(items) for name, items in (options or {}).items()}
    form = Form(kind, chosen, options=given, required=must, prefix=prefix)
    for each in form.fields:
        current = record.get(each.name) if record is not None else None
        if each.choices:
            given.setdefault(prefix + each.name, [(choice.code, wording.label(choice)) for choice in each.choices])
        for name, member in _members(each, prefix):
            mask = MASKED.get(f"{each.type}.{member}" if member else each.type)
            value = (current or {}).get(member) if member else current
            if mask and value:
                form.masks[name] = mask(value)
    return form


def _members(each: Field, prefix: str) -> list[tuple[str, str]]:
    """Name of each input of a field, with the part of the value it asks for ("" for a plain field)."""
    name = prefix + each.name
    return [(f"{name}.{part}", part) for part in COMPOUND[each.type]] if each.type in COMPOUND else [(name, "")]


def _inputs(each: Field, value: Any, prefix: str) -> dict[str, str]:
    found = {}
    for name, member in _members(each, prefix):
        part = (value or {}).get(member) if member else value
        hidden = (f"{each.type}.{member}" if member else each.type) in MASKED
        found[name] = "" if part is None or hidden else _text("day" if member == "until" else each.type, part)
    return found


def _text(type_: str, value: Any) -> str:
    if type_ in ("birth", "day"):
        return formats.day(value)
    if type_ == "month":
        return formats.month(value)
    if type_ == "coefficient":
        return formats.coefficient(value)
    if type_ == "percent100":
        return formats.percent100(value)
    if type_ == "bool":
        return "1" if value else ""
    return {"list": ", ", "lines": "\n"}[type_].join(value) if type_ in ("list", "lines") else str(value)


def _read(form: Form, each: Field, typed: Typed, current: Any) -> Any:
    name = form.prefix + each.name
    value: Any
    if each.type in COMPOUND:
        value = _compound(form, each, typed, current)
    elif each.type == "list":
        items = [item.strip() for item in typed.getlist(name) if item.strip()]
        form.typed[name] = ", ".join(items)
        value = each.read(items or None)
    elif each.type == "bool":
        form.typed[name] = typed.get(name) or ""
        value = each.read(form.typed[name]) or (None if form.seen.get(name, "null") == "null" else False)
    else:
        form.typed[name] = typed.get(name) or ""
        value = each.read(form.typed[name].strip())
        if value is None and name in form.masks:
            value = _kept(form, each, current)
    if value is None and each.name in form.required:
        raise ValueProblem("missing")
    return value


def _compound(form: Form, each: Field, typed: Typed, current: Any) -> Any:
    parts: dict[str, Any] = {}
    for name, member in _members(each, form.prefix):
        form.typed[name] = typed.get(name) or ""
        parts[member] = form.typed[name].strip()
    if not any(parts.values()) or parts.get("method") == "cash":
        return each.read({"method": "cash"}) if parts.get("method") == "cash" else None
    for name, member in _members(each, form.prefix):
        if not parts[member] and name in form.masks:
            parts[member] = _kept(form, each, current)[member]
    if isinstance(current, dict) and current.get("bin") and current.get("bank") == parts.get("bank"):
        parts["bin"] = current["bin"]
    return each.read(parts)


def _kept(form: Form, each: Field, current: Any) -> Any:
    """The value a masked input left empty stands for; changed by somebody meanwhile it cannot be kept unseen."""
    if _seen_value(each, form.seen.get(form.prefix + each.name), current) != current:
        raise ValueProblem("changed_meanwhile")
    return current


def _is_sealed(each: Field, value: Any) -> bool:
    if value is None:
        return False
    if each.type in COMPOUND:
        return any(value.get(part) for part in COMPOUND[each.type] if f"{each.type}.{part}" in MASKED)
    return each.type in MASKED


def _seen_text(each: Field, value: Any) -> str:
    return f"={_seal(each, value)}" if _is_sealed(each, value) else canonical(value)


def _seen_value(each: Field, text: str | None, current: Any) -> Any:
    if text is None:
        return None
    if text.startswith("="):
        return current if hmac.compare_digest(text[1:], _seal(each, current)) else UNSEEN
    try:
        return json.loads(text)
    except ValueError:
        return UNSEEN


def _seal(each: Field, value: Any) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"{each.name}\x1f{canonical(value)}".encode(), hashlib.sha256).hexdigest()[:32]
