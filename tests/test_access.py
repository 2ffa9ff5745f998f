from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import access, db, unit
from portal.models.account import Account
from portal.models.unit import Unit
from portal.problems import NotFound
from tests import office

TOWN, KIM = "18568", "18580"


@pytest.fixture
def district(tmp_path: Path) -> Iterator[None]:
    app = office.open_office(f"sqlite:///{tmp_path}/portal.sqlite3")
    with app.app_context(), db.database.connection_context():
        yield
    db.disconnect()


def scope(role: str, code: str) -> access.Scope:
    return access.scope_of(Account(name="x", role=role, unit=code))


def roles_with(*deeds: str) -> frozenset[str]:
    return frozenset().union(*(access.DEEDS[deed] for deed in deeds))


def test_who_approves_never_pays_and_who_pays_never_approves() -> None:
    approves = roles_with("payment_list.approve", "settlement.reopen")
    pays = roles_with("payment.mark", "payment.undo", "settlement.sign", "schedule.arrange")
    assert approves
    assert pays
    assert not approves & pays


def test_who_builds_the_list_does_not_approve_it() -> None:
    assert not roles_with("payment_list.build", "payment_list.amend") & roles_with("payment_list.approve")


def test_the_auditor_reads_and_changes_nothing() -> None:
    may = {deed for deed, roles in access.DEEDS.items() if "auditor" in roles}
    assert may
    assert all(deed.endswith(".read") for deed in may - {"password.change"})


def test_the_admin_sees_no_person() -> None:
    about_nobody = {"home", "account", "password", "calendar", "unit", "bank"}
    assert {deed.partition(".")[0] for deed, roles in access.DEEDS.items() if "admin" in roles} <= about_nobody


def test_a_head_of_a_hamlet_reports_and_reads_nothing_else() -> None:
    own = {deed for deed, roles in access.DEEDS.items() if "hamlet_reporter" in roles}
    assert own == {"home.read", "password.change", "calendar.read", "hamlet.report"}


def test_every_role_of_the_table_exists() -> None:
    assert roles_with(*access.DEEDS) <= set(access.ROLES)


def test_an_unknown_deed_is_refused_when_the_route_is_written() -> None:
    with pytest.raises(KeyError):
        access.deed("person.forget")


@pytest.mark.usefixtures("district")
class TestScope:
    def test_a_commune_officer_reaches_the_own_commune(self) -> None:
        assert scope("commune_officer", TOWN).communes == frozenset({TOWN})

    def test_a_commune_officer_of_a_unit_that_is_no_commune_reaches_nothing(self) -> None:
        assert scope("commune_officer", "448").communes == frozenset()

    def test_an_agent_reaches_the_commune_of_the_pay_point(self) -> None:
        assert scope("post_agent", "DC-18580").communes == frozenset({KIM})

    @pytest.mark.parametrize(
        ("role", "code"),
        [
            ("post_agent", "448-BD"),
            ("post_supervisor", "448-BD"),
            ("district_officer", "448-LDTBXH"),
            ("approver", "448"),
            ("auditor", "448-LDTBXH"),
        ],
    )
    def test_an_office_over_all_communes_reaches_all(self, role: str, code: str) -> None:
        assert scope(role, code).communes is None
        assert unit.communes_served_by(code) == frozenset({TOWN, KIM})

    def test_an_office_among_others_reaches_its_own_communes_only(self) -> None:
        Unit.create(id="449", version=0, code="449", name="Huyện khác", kind="district", parent="42", serves="", valid_from="2019-01-01")
        Unit.create(id="19000", version=0, code="19000", name="Xã khác", kind="commune", parent="449", serves="", valid_from="2019-01-01")
        unit.refresh()
        assert scope("district_officer", "448-LDTBXH").communes == frozenset({TOWN, KIM})
        assert scope("district_officer", "449").communes == frozenset({"19000"})

    @pytest.mark.parametrize("role", [role for role in access.ROLES if role != "admin"])
    def test_a_unit_nobody_knows_reaches_nothing(self, role: str) -> None:
        assert scope(role, "999").communes == frozenset()
        assert scope(role, "").communes == frozenset()

    def test_who_took_over_reaches_what_the_former_units_left(self) -> None:
        Unit.update(succeeded_by='["18568"]', valid_to="2024-12-31").where(Unit.code.in_([TOWN, KIM])).execute()
        Unit.update(parent=TOWN).where(Unit.code == "18580-01").execute()
        Unit.create(id="neu", version=9, code=TOWN, name="Xã Lộc Hà", kind="commune", parent="448", serves="", valid_from="2025-01-01")
        unit.refresh()
        assert scope("commune_officer", TOWN).communes == frozenset({TOWN, KIM})
        assert scope("commune_officer", KIM).communes == frozenset()
        assert scope("post_supervisor", "448-BD").communes == frozenset({TOWN, KIM})
        assert unit.communes_served_by("448-BD") == frozenset({TOWN})

    def test_a_head_of_a_hamlet_reaches_one_hamlet_at_a_hamlet_only(self) -> None:
        head = Account(name="thon", role="hamlet_reporter", unit="18568-02", full_name="Trưởng thôn")
        actor = access.actor(head, "page-1")
        assert (actor.communes, actor.hamlet) == (frozenset({TOWN}), "TDP 2")
        assert actor.reaches_hamlet("TDP 2") and not actor.reaches_hamlet("TDP 1") and not actor.reaches_hamlet(None)
        assert scope("hamlet_reporter", TOWN).communes == frozenset()
        assert access.hamlet_of(Account(name="x", role="hamlet_reporter", unit=TOWN)) == ""
        assert access.hamlet_of(Account(name="x", role="commune_officer", unit=TOWN)) is None

    @pytest.mark.parametrize(
        ("role", "code", "fits"),
        [
            ("hamlet_reporter", "18568-01", True), ("hamlet_reporter", TOWN, False), ("commune_officer", "18568-01", False),
            ("approver", TOWN, True), ("admin", "", True), ("auditor", "999", False),
        ],
    )  # fmt: skip
    def test_where_an_account_of_a_role_may_belong(self, role: str, code: str, fits: bool) -> None:
        assert access.fits(role, code) is fits

    def test_an_admin_reaches_nothing_even_at_the_district(self) -> None:
        assert scope("admin", "448-LDTBXH").communes == frozenset()

    def test_offices_that_serve_each_other_reach_nothing(self) -> None:
        Unit.create(id="a", version=0, code="a", name="A", kind="post_office", parent="", serves="b", valid_from="2019-01-01")
        Unit.create(id="b", version=0, code="b", name="B", kind="post_office", parent="", serves="a", valid_from="2019-01-01")
        unit.refresh()
        assert scope("post_supervisor", "a").communes == frozenset()

    def test_a_record_outside_the_scope_is_as_if_it_did_not_exist(self) -> None:
        mine = scope("commune_officer", TOWN)
        mine.require(TOWN)
        with pytest.raises(NotFound):
            mine.require(KIM)
        with pytest.raises(NotFound):
            mine.require(None)

    def test_the_actor_carries_the_scope_to_the_door(self) -> None:
        account = Account(name="xa", role="commune_officer", unit=TOWN, full_name="Người xã")
        actor = access.actor(account, "page-1")
        assert (actor.account, actor.device, actor.communes, actor.online) == ("xa", "page-1", frozenset({TOWN}), True)

    def test_the_tree_knows_hamlets_pay_points_and_names(self) -> None:
        assert [each.code for each in unit.communes()] == [TOWN, KIM]
        assert [each.code for each in unit.hamlets(TOWN)] == ["18568-01", "18568-02"]
        assert [each.code for each in unit.pay_points(KIM)] == ["DC-18580"]
        assert unit.name_of(TOWN) == "Thị trấn Lộc Hà"
        assert unit.name_of("999") == "999"
        assert unit.name_of(None) == ""
