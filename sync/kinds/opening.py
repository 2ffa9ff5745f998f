"""What a list taken over from before the portal says of the month it begins with: who had gone, of whom the register never knew."""

from __future__ import annotations

from functools import partial

from sync import shapes, values
from sync.fields import IMPORTER, Field, Kind, fields
from sync.fieldwise import Fieldwise

KIND = Kind(
    "opening",
    "Số liệu đầu kỳ",
    "Opening figures",
    fields(
        Field("month", "Tháng", "Month", "month", values.parse_month, merge="fixed", required=True),
        Field("decreases", "Số lượt giảm", "Decreases", "int", shapes.parse_int, merge="fixed", required=True, input="number"),
        Field("deaths", "Trong đó chết", "Of which deaths", "int", shapes.parse_int, merge="fixed", required=True, input="number"),
        Field("source", "Theo", "Source", "text", partial(values.parse_text, max_length=200), merge="fixed"),
    ),
    scope=None,
    unique=(("month",),),
    create=frozenset({IMPORTER}),
)

RULES = Fieldwise(KIND)
