"""The small district under another office's rules: presets of who decides, their accounts, and a plan by which its communes become one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from portal import account, door, succession, succession_plan
from portal.succession_plan import Plan
from sync.edit import Result
from sync.kinds.change import shown_digest
from tests.district import IMPORTED, NOW, District
from tests.office import PASSWORD

MORE = {
    "chutich": ("approver", "18568"),
    "chutich2": ("approver", "18580"),
    "thon": ("hamlet_reporter", "18568-01"),
    "thon2": ("hamlet_reporter", "18580-01"),
}
"""Accounts of `xa-2025` beside those of the district: two chairmen, two heads of hamlets."""
PRESETS = ("huyen", "xa-2025")

ONE_COMMUNE = """
title = "Nhập thị trấn Lộc Hà và xã Thạch Kim"
basis = "Nghị quyết 1/NQ"
valid_from = "2025-01-01"

[ends]
"448" = ["42"]

[[unit]]
code = "42"
kind = "province"
name = "Tỉnh Hà Tĩnh"

[[unit]]
code = "42-SYT"
kind = "province_office"
name = "Sở Y tế tỉnh Hà Tĩnh"
parent = "42"
serves = "42"
from = ["448-LDTBXH"]

[[unit]]
code = "448-BD"
kind = "post_office"
name = "Bưu điện Lộc Hà"
serves = "42"
from = ["448-BD"]

[[unit]]
code = "18568"
kind = "commune"
name = "Xã Lộc Hà"
parent = "42"
from = ["18568", "18580"]
hamlet_name = "{name} {former}"
"""
MERGED = datetime.fromisoformat("2025-01-02T02:00:00+00:00")


def plan(folder: Path, text: str = ONE_COMMUNE) -> Plan:
    """The plan of a file with this text."""
    file = folder / "phuong-an.toml"
    file.write_text(text, encoding="utf-8")
    return succession_plan.read(file)


def succeed(district: District, folder: Path, text: str = ONE_COMMUNE, now: datetime = MERGED) -> succession.Outcome:
    """Carries a plan out."""
    with district.open():
        return succession.carry_out(plan(folder, text), now)


def under(district: District, preset: str, since: str = "2024-10-01", now: datetime = NOW) -> District:
    """The district with a preset in force, and the accounts it needs."""
    with district.open():
        for name, (role, unit) in MORE.items():
            account.add(name, role=role, unit=unit, password=PASSWORD, now=IMPORTED, full_name=f"Người {name}")
        if preset != "huyen":
            succession.adopt(preset, since, now)
    return district


def decider(preset: str, commune: str = "18568") -> str:
    """The account that decides a case of a commune."""
    if preset == "huyen":
        return "huyen2"
    return "chutich" if commune == "18568" else "chutich2"


def decide(district: District, who: str, change: str, verdict: str = "approve", now: datetime = NOW, **more: Any) -> Result:
    """Decides a change on what stands there."""
    with district.open():
        shelf = door.shelf()
        found = shelf.get("change", change)
        assert found is not None
        digest = shown_digest(shelf, found)
    return district.submit(who, "change", change, {"decision": (None, {"verdict": verdict, "digest": digest, **more})}, now=now)


def appraise(district: District, who: str, change: str, now: datetime = NOW) -> Result:
    """Vouches for a report on what stands there."""
    with district.open():
        shelf = door.shelf()
        found = shelf.get("change", change)
        assert found is not None
        digest = shown_digest(shelf, found)
    return district.submit(who, "change", change, {"appraisal": ({"wanted": True}, {"digest": digest, "note": "Đã hỏi gia đình"})}, now=now)
