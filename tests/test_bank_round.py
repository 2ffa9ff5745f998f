"""A month through the bank, on both databases: files out, results in, a transfer that came back paid in cash with the next list."""

from __future__ import annotations

import csv
import hashlib
import io

from portal import bank_file, bank_result, bank_template, door, list_checks, payment_method
from portal.models.payment import Payment
from portal.verify import verify
from portal.workbook.result_file import read_result
from sync.ids import named, uuid7
from tests.arranged import add_session, post_list
from tests.district import MONTH, NOW, District, line_code, person_id
from tests.lists import settle

PHUC = line_code("phuc")
NEXT = "2024-11"


def test_files_go_out_results_come_in_and_what_came_back_is_paid_in_cash(each_district: District) -> None:
    here = each_district
    add_session(here)
    add_session(here, commune="18580", agent="chitra2")
    post_list(here)
    rows: list[dict[str, str]] = []
    with here.open():
        list_id = bank_file.posted(MONTH)
        assert list_id is not None
        generic = bank_template.find(named("bank-template", "generic"))
        assert generic is not None
        for bank in bank_file.overview(list_id, None):
            assert len(list(bank_file.to_send(list_id, bank.name, None))) == bank.left_lines == bank.lines
            made = uuid7()
            assert bank_file.make(here.actor("kiemsoat"), NOW, made, list_id, bank.name, generic).status == "accepted"
            file = bank_file.find(made)
            assert file is not None and (file.lines, file.total) == (bank.lines, bank.amount)
            with bank_file.content(file) as content:
                written = content.read()
            assert hashlib.sha256(written).hexdigest() == file.digest
            rows += csv.DictReader(io.StringIO(written.decode("utf-8-sig")))
        assert all(bank.left_lines == 0 for bank in bank_file.overview(list_id, None))
        assert bank_file.left_out(list_id, None) == bank_file.recalled(list_id, None) == []
    for row in rows:
        row["Ket qua"] = "bị trả lại" if row["Ma ho so"] == PHUC else "đã chuyển"
        row["Ma ly do"] = "TK_DONG" if row["Ma ho so"] == PHUC else ""
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    with here.open():
        checked = bank_result.check(MONTH, None, read_result(out.getvalue().encode()))
        assert checked.is_right, checked.problems
        done = bank_result.apply(here.actor("kiemsoat"), NOW, MONTH, checked, name="ket-qua.csv")
        assert (done.paid, done.unpaid, done.changed) == (len(rows) - 1, 1, False)
        assert bank_result.news(bank_result.check(MONTH, None, read_result(out.getvalue().encode()))) == 0
        line = Payment.get(Payment.line_code == PHUC)
        assert line.state == "rejected"
        assert payment_method.in_cash_once(here.actor("xa"), NOW, uuid7(), line.id).status == "accepted"
    settle(here, MONTH)
    assert here.submit("huyen", "payment_list", named("list", NEXT), {"month": (None, NEXT)}, create=True).status == "accepted"
    with here.open():
        carried = Payment.get(Payment.line_code == PHUC, Payment.month == NEXT)
        assert (carried.method, carried.carried_over) == ("cash", line.total)
        assert payment_method.of_person(person_id("phuc"))[0].once
        assert "HOLDER" not in {each.code for each in list_checks.run(door.store(), named("list", NEXT), NEXT)}


def test_the_rest_is_paid_in_one_step(each_district: District) -> None:
    here = each_district
    add_session(here)
    add_session(here, commune="18580", agent="chitra2")
    post_list(here)
    with here.open():
        count = len(bank_result.remaining(MONTH, None))
        assert bank_result.pay_remaining(here.actor("kiemsoat"), NOW, MONTH, None) == count > 1
        assert bank_result.pay_remaining(here.actor("kiemsoat"), NOW, MONTH, None) == 0
        assert verify(door.store()).is_whole
