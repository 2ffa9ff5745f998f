"""Forms made from the catalogue: what they show, what they read, and what they never give away."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from portal import forms
from tests.district import District

NAMES = ("full_name", "birth", "national_id", "phone", "home_delivery", "payment_method", "alternate_recipient")
RECORD: dict[str, Any] = {
    "full_name": "Trần Phúc",
    "birth": "1936-11",
    "national_id": "099036000007",
    "phone": None,
    "home_delivery": None,
    "payment_method": {"method": "bank", "bank": "LPBank", "account": "00009900000007", "holder": "TRAN PHUC", "bin": "970449"},
    "alternate_recipient": None,
}
PAGE = """{% from "macros/catalogue.html" import catalogue_fields with context %}{{ catalogue_fields(edited) }}"""


@pytest.fixture(autouse=True)
def request_context(district: District) -> Iterator[None]:
    with district.app.test_request_context("/"):
        district.app.preprocess_request()
        yield


def opened() -> forms.Form:
    return forms.show("person", NAMES, RECORD)


def sent(**changes: str) -> MultiDict[str, str]:
    """The form as a browser sends it, nothing changed but these inputs."""
    form = opened()
    given = {
        **form.typed,
        **{f"seen.{name}": text for name, text in form.seen.items()},
        **{k.replace("__", "."): v for k, v in changes.items()},
    }
    if given["home_delivery"] == "":
        del given["home_delivery"]
    return MultiDict(given)


def changed(record: dict[str, Any] = RECORD, **changes: str) -> dict[str, tuple[Any, Any]]:
    form = forms.read("person", sent(**changes), NAMES, record)
    assert form.errors == {}
    return forms.pairs(form, record)


def test_a_form_sent_as_it_opened_changes_nothing() -> None:
    assert changed() == {}


def test_numbers_that_identify_stand_nowhere_in_the_page() -> None:
    text = render_template_string(PAGE, edited=opened())
    assert "099•••••0007" in text
    assert "••••0007" in text
    assert RECORD["national_id"] not in text
    assert RECORD["payment_method"]["account"] not in text


def test_what_was_typed_is_read_with_what_was_seen() -> None:
    assert changed(phone="0510 000 123", birth="05/11/1936") == {"phone": (None, "0510000123"), "birth": ("1936-11", "1936-11-05")}


def test_an_empty_account_number_stays_as_it_is() -> None:
    found = changed(payment_method__holder="TRAN VAN PHUC")
    assert found == {"payment_method": (RECORD["payment_method"], {**RECORD["payment_method"], "holder": "TRAN VAN PHUC"})}


def test_back_to_cash_leaves_no_account() -> None:
    assert changed(payment_method__method="cash")["payment_method"][1] == {"method": "cash"}


def test_a_new_identity_number_is_taken_with_the_old_one_as_seen() -> None:
    assert changed(national_id="099 036 000 008") == {"national_id": ("099036000007", "099036000008")}


def test_a_hidden_number_changed_meanwhile_is_noticed() -> None:
    now = {**RECORD, "national_id": "099036000099"}
    form = forms.read("person", sent(national_id="099036000008"), NAMES, now)
    seen, wanted = forms.pairs(form, now)["national_id"]
    assert wanted == "099036000008"
    assert seen not in (None, now["national_id"])


def test_a_hidden_number_changed_meanwhile_cannot_be_kept_unseen() -> None:
    form = forms.read("person", sent(), NAMES, {**RECORD, "national_id": "099036000099"})
    assert set(form.errors) == {"national_id"}


def test_a_ticked_box_is_true_and_an_empty_one_stays_unset() -> None:
    assert changed(home_delivery="1") == {"home_delivery": (None, True)}


def test_a_box_that_was_ticked_becomes_false() -> None:
    record = {**RECORD, "home_delivery": True}
    form = forms.read("person", MultiDict({"seen.home_delivery": "true"}), ("home_delivery",), record)
    assert forms.pairs(form, record) == {"home_delivery": (True, False)}


@pytest.mark.parametrize(
    ("name", "typed", "where"),
    [
        ("full_name", "", "full_name"),
        ("birth", "31/02/1936", "birth"),
        ("phone", "12", "phone"),
        ("national_id", "99036000007", "national_id"),
        ("payment_method__account", "!", "payment_method.account"),
        ("payment_method__bank", "", "payment_method.bank"),
        ("alternate_recipient__until", "hôm qua", "alternate_recipient.until"),
    ],
)
def test_what_cannot_be_is_kept_as_typed_with_a_sentence_beside_it(name: str, typed: str, where: str) -> None:
    extra = {"alternate_recipient__name": "Trần Nam"} if name.startswith("alternate") else {}
    form = forms.read("person", sent(**{name: typed}, **extra), NAMES, RECORD)
    assert list(form.errors) == [where]
    assert form.errors[where].endswith((".", "?"))
    assert form.typed[name.replace("__", ".")] == typed
    text = render_template_string(PAGE, edited=form)
    assert form.errors[where] in text
    assert f'id="f-{where}"' in text


def test_a_prefix_keeps_two_forms_on_one_page_apart() -> None:
    form = forms.read("person", MultiDict({"new.full_name": "Lê Nhì", "full_name": "Trần Nhất"}), ("full_name",), prefix="new.")
    assert form.values == {"full_name": "Lê Nhì"}
    assert form.typed == {"new.full_name": "Lê Nhì"}


def test_labels_follow_the_language(district: District) -> None:
    with district.app.test_request_context("/", headers={"Cookie": "language=en"}):
        assert [each.label for each in forms.show("person", ("phone",)).inputs("phone")] == ["Phone"]
    assert [each.label for each in forms.show("person", ("phone",)).inputs("phone")] == ["Số điện thoại"]
