"""People on their way to an age that changes their right, in the small district of October 2024."""

from __future__ import annotations

from portal import door
from tests.district import IMPORTED, District, Made, import_as, people_edits

HAMLET = "18580-01"


def _at(number: int, key: str, birth: str, *rights: tuple[str, int, str], child: str = "") -> Made:
    more = {"child_birth": child} if child else {}
    return Made(key, f"Người {key}", birth, "F", HAMLET, [(*right, more) for right in rights], {"code": f"MT-{number:02d}"})


COMING = (
    _at(1, "bon", "2020-12-05", ("5.1-a", 25, "2022-01")),
    _at(2, "muoisau", "2008-11-20", ("5.1-b", 15, "2022-01")),
    _at(3, "khuyettat", "2008-12-31", ("5.6-nang-te", 20, "2022-01")),
    _at(4, "haihai", "2002-11-01", ("5.2", 15, "2022-01")),
    _at(5, "be", "2021-12-10", ("5.7", 15, "2022-03")),
    _at(6, "sauchuc", "1964-12-25", ("5.6-nang", 15, "2020-01")),
    _at(7, "tamchuc", "1945", ("5.5a-60", 15, "2022-01")),
    _at(8, "vungkho", "1944-11-05", ("5.5b", 10, "2022-01")),
    _at(9, "cham", "2008-06-30", ("5.6-nang-te", 20, "2022-01")),
    _at(10, "xa", "2008-12-01", ("5.6-dbn-te", 25, "2022-01"), ("20.2d-te", 25, "2022-01")),
    _at(11, "sapsau", "2009-03-01", ("5.6-nang-te", 20, "2022-01")),
    _at(12, "goiy", "1944-12-01", ("5.4", 10, "2022-01")),
    _at(13, "khongcan", "1944-12-01", ("5.6-nang-nct", 20, "2022-01")),
    _at(15, "conmuoisau", "1980", ("5.4", 10, "2022-01"), child="2008-11-30"),
    _at(16, "conhaihai", "1980", ("5.4", 10, "2022-01"), child="2002-12-01"),
    _at(17, "conmuoibay", "1980", ("5.4", 10, "2022-01"), child="2007-05-01"),
    _at(18, "connho", "1990", ("20.2a-1", 15, "2022-03"), child="2021-12-31"),
    _at(19, "haicon", "1990", ("20.2a-2", 20, "2022-03"), child="2021-12-01"),
    _at(14, "dakhep", "2004-12-24", ("5.6-nang", 15, "2022-01")),
)


def add(here: District) -> None:
    """Loads them, as an import does."""
    with here.open():
        answer = door.submit(people_edits(COMING), import_as("import:thresholds"), IMPORTED)
    assert {result.status for result in answer.results} == {"accepted"}, answer
