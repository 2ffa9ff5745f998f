"""The set-based step that makes a bank's payment file: which lines go into it, noted so that none is ever sent twice, and its bytes.

A function of the register and its arguments alone: the same file can be written again at any time, byte by byte.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, cast

from portal import formats, spreadsheet
from portal.list_lines import Runs, dialect, execute
from sync import bank_layout, banks
from sync.bank_layout import Layout, Transfer
from sync.edit import Refused

if TYPE_CHECKING:
    from portal.store import PeeweeStore

_BATCH = 1000
TO_SEND = """
FROM payment p WHERE p.list = :list AND p.published = :yes AND p.method <> 'cash' AND p.state = 'planned' AND p.total > 0 {within}
  AND NOT EXISTS (SELECT 1 FROM bank_file_line f WHERE f.payment = p.id)
"""
"""What of a list may go into a file: transfers nobody has answered for or held back, that were in no file before."""
_ADD = """
INSERT INTO bank_file_line (payment, file, place)
SELECT id, :file, place FROM (
  SELECT p.id, row_number() OVER (
    ORDER BY p.commune {C}, COALESCE(p.hamlet, '') {C}, COALESCE(p.sort_key, '') {C}, p.line_code {C}, p.id {C}) AS place
  {to_send} AND p.bank = :bank
) chosen WHERE place <= :most
"""
_SUMS = "SELECT COUNT(*), COALESCE(SUM(p.total), 0) FROM bank_file_line f JOIN payment p ON p.id = f.payment WHERE f.file = :file"
TRANSFER = """
SELECT f.place, p.line_code, p.account, p.holder, p.full_name, p.bank, p.total, COALESCE((
  SELECT u.name FROM unit u WHERE u.code = p.commune AND u.valid_from <= :last ORDER BY u.valid_from DESC LIMIT 1), p.commune)
"""
_LINES = f"""{TRANSFER} FROM bank_file_line f JOIN payment p ON p.id = f.payment
WHERE f.file = :file AND f.place > :after ORDER BY f.place LIMIT {_BATCH}"""


def bank_file(store: PeeweeStore, args: Mapping[str, Any], seq: int) -> dict[str, Any]:
    """Chooses the lines of a bank's next file and notes them.

    Args:
        store: within the door's transaction.
        args: `file` (its id), `list`, `month`, `bank` (name), `layout`, `communes` (None: all), `number`, `by_name`, `at`.
        seq: the journal entry's number.

    Returns:
        {"lines", "total" in đồng, "digest": SHA-256 of the file's bytes}.

    Raises:
        Refused: `nothing_to_send`; `layout` where the layout cannot carry a name or the content of a line.
    """
    of = bank_layout.layout(args["layout"])
    values: dict[str, Any] = {"file": args["file"], "list": args["list"], "bank": args["bank"], "yes": True, "most": of.max_rows or 10**9}
    to_send = TO_SEND.format(within=within(args["communes"], values))
    execute(store, _ADD.format(to_send=to_send, C=dialect(store)["C"]), values)
    lines, total = execute(store, _SUMS, {"file": args["file"]}).fetchone()
    if not lines:
        raise Refused("invalid_value", field="list", detail="nothing_to_send")
    sink = _Hashing()
    try:
        write(store, cast("IO[bytes]", sink), args)
    except UnicodeEncodeError as error:
        raise Refused("invalid_value", field="layout", detail="layout") from error
    return {"lines": int(lines), "total": int(total), "digest": sink.hashed.hexdigest()}


def within(communes: Iterable[str] | None, values: dict[str, Any]) -> str:
    """SQL that keeps to these communes (None: all)."""
    if communes is None:
        return ""
    names = {f"commune{number}": code for number, code in enumerate(sorted(communes))}
    values.update(names)
    return f"AND p.commune IN ({', '.join(f':{name}' for name in names) or 'NULL'})"


def write(store: Runs, out: IO[bytes], file: Mapping[str, Any]) -> None:
    """Writes a file that was made: `file` has `file` (id), `month`, `bank`, `layout`, `number`, `by_name` and `at`.

    Raises:
        UnicodeEncodeError: where the encoding cannot carry a letter.
    """
    of = bank_layout.layout(file["layout"])
    lines, total = execute(store, _SUMS, {"file": file["file"]}).fetchone()
    rows = _rows(of, file["month"], _told(of, file, int(lines), int(total)), transfers(store, file["file"], file["month"]))
    if of.format == "xlsx":
        spreadsheet.write(out, of.sheet or file["bank"], rows)
        return
    out.write(bank_layout.mark_of(of))
    waiting: list[str] = []
    for row in rows:
        waiting.append(bank_layout.joined(of, row))
        if len(waiting) == _BATCH:
            out.write(bank_layout.encoded(of, "".join(waiting)))
            waiting = []
    out.write(bank_layout.encoded(of, "".join(waiting)))


def transfers(store: Runs, file: str, month: str) -> Iterator[Transfer]:
    """The transfers of a file in order."""
    values: dict[str, Any] = {"file": file, "after": 0, "last": f"{month}-31"}
    while rows := execute(store, _LINES, values).fetchall():
        yield from map(transfer, rows)
        values["after"] = rows[-1][0]


def transfer(row: tuple[Any, ...]) -> Transfer:
    """A row of `TRANSFER`."""
    line, account, holder, name, bank, total, commune = (value if value is not None else "" for value in row[1:])
    known = banks.find(bank)
    return Transfer(line, account, holder, name, bank, known.bin if known is not None else "", int(total), commune)


def _told(of: Layout, file: Mapping[str, Any], lines: int, total: int) -> dict[str, str]:
    known = banks.find(file["bank"])
    return {
        "bank": file["bank"],
        "bin": known.bin if known is not None else "",
        "MM": file["month"][5:],
        "YYYY": file["month"][:4],
        "count": str(lines),
        "total": bank_layout.number(of, total),
        "number": str(file["number"]),
        "user": file["by_name"],
        "time": formats.moment(file["at"]),
    }


def _rows(of: Layout, month: str, told: Mapping[str, str], lines: Iterable[Transfer]) -> Iterator[list[str | int]]:
    for text in bank_layout.header(of, told):
        yield [text]
    yield list(bank_layout.headings(of))
    for place, each in enumerate(lines, 1):
        yield bank_layout.row(of, month, place, each)


class _Hashing:
    """Something to write to that keeps nothing but the digest."""

    def __init__(self) -> None:
        self.hashed = hashlib.sha256()

    def write(self, some: bytes) -> int:
        """Takes some bytes."""
        self.hashed.update(some)
        return len(some)

    def flush(self) -> None:
        """Nothing waits."""
