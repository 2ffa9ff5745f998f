"""A commune's workbook that came back, whole: what it changes, what has to be asked, who is new, who is missing, what cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from portal.upload import Item, plan_digest
from portal.workbook.arrived import Sheet
from portal.workbook.commune_book import About
from portal.workbook.commune_edits import Compared, Edited, Wrong, compare, people
from portal.workbook.commune_new import Proposed, propose
from portal.workbook.returned import read, sort_out
from sync.edit import Actor, Record


class Version(Struct, frozen=True):
    """One of a person's rows that say different things: where it stands and what it changes."""

    place: str
    compared: Compared


class Question(Struct, frozen=True):
    """Which of a person's rows counts; `likely` is the number of the one to offer, None where nothing speaks for one."""

    key: str
    name: str
    versions: tuple[Version, ...]
    likely: int | None


class Plan(Struct, frozen=True):
    """What a workbook asks for. `again` are new people who were proposed before; `removed` are people with no row any more.

    `same` counts cells that ask for what stands there already, or was asked for before.
    """

    about: About
    edited: tuple[Edited, ...]
    questions: tuple[Question, ...]
    new: tuple[Proposed, ...]
    again: tuple[Proposed, ...]
    removed: tuple[Record, ...]
    wrong: tuple[Wrong, ...]
    same: int

    def items(self, chosen: Mapping[str, int]) -> list[Item]:
        """The edits to hand in, with the chosen row of each person asked about (key → number); without an answer nothing of them is taken."""
        picked = [
            each
            for question in self.questions
            if 0 <= chosen.get(question.key, -1) < len(question.versions)
            for each in question.versions[chosen[question.key]].compared.edited
        ]
        return [*(each.item for each in (*self.edited, *picked)), *(each.item for each in self.new)]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over everything that may be handed in: what was shown."""
        versions = (version for question in self.questions for version in question.versions)
        asked = [each.item for version in versions for each in version.compared.edited]
        return plan_digest([*self.items({}), *asked])

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hand in, whatever is answered."""
        return not self.edited and not self.new and not self.questions


def plan(sheets: list[Sheet], actor: Actor, now: datetime, secret: str) -> Plan:
    """Lays a workbook beside the register; reads only.

    Raises:
        WorkbookProblem: as `portal.workbook.returned.read`.
    """
    handed = read(sheets, secret)
    found = sort_out(handed)
    compared = compare(handed, found.edited, actor)
    new, troubles = propose(handed, found.new, actor, now)
    questions = [
        Question(
            key,
            handed.people[key].texts["full_name"],
            tuple(Version(row.place, compare(handed, {key: row}, actor)) for row in versions.rows),
            versions.likely,
        )
        for key, versions in found.asked.items()
    ]
    versions = [version.compared for question in questions for version in question.versions]
    unread = [Wrong(each.where, each.code, told=str(each.details.get("told", ""))) for each in found.findings]
    return Plan(
        about=handed.about,
        edited=compared.edited,
        questions=tuple(each for each in questions if any(version.compared.edited for version in each.versions)),
        new=tuple(each for each in new if not each.state),
        again=tuple(each for each in new if each.state),
        removed=tuple(people(handed, found.removed, actor)),
        wrong=(*unread, *(each for one in (compared, *versions) for each in one.wrong), *troubles),
        same=sum(one.same for one in (compared, *versions)),
    )
