"""Hands a commune's workbook out: its people in the order of lists, each row what the form on that person's page would show."""

from __future__ import annotations

from datetime import datetime
from typing import IO, Any

from msgspec.structs import replace

from portal import clock, door, entitlement, formats, forms, unit
from portal.workbook.commune_book import About, Base, Column, Line, keys, make
from portal.workbook.commune_columns import NO, YES, columns, inputs, person_fields
from sync.edit import Actor, Record
from sync.ids import uuid7
from sync.text import sort_key


def hand_out(out: IO[bytes], actor: Actor, commune: str, now: datetime, secret: str) -> About:
    """Writes the workbook of a commune's open files for whoever takes it home, as of now."""
    month = clock.month_of(now)
    wanted = columns(commune, month, actor.role)
    head = door.store().head()[0]
    people = _people(commune)
    about = About(
        id=uuid7(),
        commune=commune,
        account=actor.account,
        made_at=clock.utc_text(now),
        head=head,
        headings={column.heading: column.input for column in wanted},
        words={column.input: list(column.words) for column in wanted if column.words and column.kind == "text"},
    )
    make(out, about, _title(about), wanted, _lines(people, wanted, month, actor.role), secret)
    return about


def _people(commune: str) -> list[Record]:
    place = {each.name: at for at, each in enumerate(unit.hamlets(commune))}
    found = [record for record in door.store().where("person", "commune", [commune]) if record["closed"] is None]
    return sorted(found, key=lambda each: (place.get(each["hamlet"], len(place)), each["hamlet"] or "", sort_key(each["full_name"] or ""), each.id))


def _lines(people: list[Record], wanted: list[Column], month: str, role: str) -> list[Line]:
    names = person_fields(role)
    words = {column.input: dict(column.words) for column in wanted if column.words}
    key_of = keys(record.id for record in people)
    sums = entitlement.amounts([record.id for record in people], month)
    found = []
    for record in people:
        monthly, categories = sums.get(record.id, (0, ()))
        groups = dict.fromkeys(entitlement.group(code, month) for code in categories)
        base = _base(record, names, words)
        fixed = {"code": record["code"] or "", "group": ", ".join(groups), "monthly": str(monthly)}
        texts = base.texts | {name: text for name, text in fixed.items() if text}
        found.append(Line(key_of[record.id], replace(base, texts=texts)))
    return found


def _base(record: Record, names: list[str], words: dict[str, dict[str, str]]) -> Base:
    form = forms.show("person", names, record.fields)
    texts = {}
    for name in (each for field in names for each in inputs(field)):
        text = form.masks.get(name) or form.typed[name]
        if isinstance(record.fields.get(name), bool):
            text = YES if record.fields[name] else NO
        elif text:
            text = words.get(name, {}).get(text, text)
        if text:
            texts[name] = text
    return Base(record.id, texts, form.seen)


def _title(about: About) -> list[str]:
    name = unit.name_of(about.commune)
    made: Any = formats.moment(about.made_at)
    return [
        f"Danh sách người hưởng trợ cấp xã hội – {name}",
        f"Lập lúc {made}, tài khoản {about.account}, tệp số {about.id[-12:]}. Sửa xong thì gửi lại tệp này; xem trang “Hướng dẫn”.",
    ]
