"""Every field of the catalogue has a column to lie in, a way to be asked for, and a label in both languages."""

from portal.access import ROLES
from portal.register import MODELS
from sync.fields import IMPORTER, Choice, Field, Kind
from sync.kinds import CATALOGUE

FIELDS = [(kind, field) for kind in CATALOGUE.values() for field in kind.fields.values()]
# Ways a page knows to ask for a value.
INPUTS = {
    *("text", "textarea", "select", "checkbox", "number", "money", "tel", "time", "day", "month", "hidden"),
    *("agent", "category", "commune", "hamlet", "hamlets", "pay_point", "person", "reason"),
    *("alternate_recipient", "payment_method"),
}


def test_every_kind_has_a_table_and_every_table_a_kind() -> None:
    assert set(MODELS) == set(CATALOGUE)
    assert {kind: model._meta.table_name for kind, model in MODELS.items()} == {kind: kind for kind in CATALOGUE}


def test_every_field_has_a_column() -> None:
    assert [name(kind, field) for kind, field in FIELDS if field.name not in MODELS[kind.name]._meta.columns] == []


def test_every_field_can_be_asked_for() -> None:
    assert [name(kind, field) for kind, field in FIELDS if field.input not in INPUTS] == []
    assert [name(kind, field) for kind, field in FIELDS if field.input == "select" and not field.choices] == []


def test_every_kind_field_and_choice_has_a_label_in_both_languages() -> None:
    labelled: list[tuple[str, Kind | Field | Choice]] = [(kind.name, kind) for kind in CATALOGUE.values()]
    labelled += [(name(kind, field), field) for kind, field in FIELDS]
    labelled += [(name(kind, field), choice) for kind, field in FIELDS for choice in field.choices]
    assert [where for where, each in labelled if not (each.label.strip() and each.label_en.strip())] == []


def test_a_choice_stands_in_a_list_once() -> None:
    codes = {name(kind, field): [choice.code for choice in field.choices] for kind, field in FIELDS}
    assert [where for where, listed in codes.items() if len(set(listed)) < len(listed)] == []


def test_whoever_may_change_a_field_is_someone() -> None:
    someone = {*ROLES, IMPORTER}
    assert [
        name(kind, field)
        for kind, field in FIELDS
        if not kind.create | field.direct | field.propose | field.decide | field.hidden_from <= someone
    ] == []
    assert [name(kind, field) for kind, field in FIELDS if field.propose and not field.decide] == []


def test_a_kind_names_only_fields_it_has() -> None:
    for kind in CATALOGUE.values():
        assert {part for group in kind.unique for part in group} | {kind.scope, kind.gate} - {None} <= set(kind.fields), kind.name


def name(kind: Kind, field: Field) -> str:
    return f"{kind.name}.{field.name}"
