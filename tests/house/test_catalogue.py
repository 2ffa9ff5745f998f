"""Every field of the catalogue has a column to lie in, a way to be asked for, and a label in both languages."""

import pytest

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
each_field = pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind.name}.{field.name}" for kind, field in FIELDS])


def test_every_kind_has_a_table_and_every_table_a_kind() -> None:
    assert set(MODELS) == set(CATALOGUE)
    assert {kind: model._meta.table_name for kind, model in MODELS.items()} == {kind: kind for kind in CATALOGUE}


@each_field
def test_the_field_has_a_column(kind: Kind, field: Field) -> None:
    assert field.name in MODELS[kind.name]._meta.columns


@each_field
def test_the_field_can_be_asked_for(kind: Kind, field: Field) -> None:
    assert field.input in INPUTS
    assert (field.input != "select") or field.choices, f"{kind.name}.{field.name} is a select without choices"


@each_field
def test_the_field_and_its_choices_have_labels(kind: Kind, field: Field) -> None:
    labelled: tuple[Kind | Field | Choice, ...] = (kind, field, *field.choices)
    assert all(each.label.strip() and each.label_en.strip() for each in labelled)
    assert len({choice.code for choice in field.choices}) == len(field.choices)


@each_field
def test_whoever_may_change_it_is_someone(kind: Kind, field: Field) -> None:
    assert kind.create | field.direct | field.propose | field.decide | field.hidden_from <= {*ROLES, IMPORTER}
    assert not field.propose or field.decide, f"{kind.name}.{field.name} can be proposed, but nobody decides"


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_the_kind_names_only_fields_it_has(kind: Kind) -> None:
    named = {name for group in kind.unique for name in group} | {kind.scope, kind.gate} - {None}
    assert named <= set(kind.fields)
