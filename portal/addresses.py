"""How addresses are read and made: the rules of the routes, and a number in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter, Rule


class Number(IntegerConverter):
    """A number in an address; one no database holds is no record's."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"max": 2**63 - 1, **kwargs})  # type: ignore[arg-type]  # passed on as given


class Route(Rule):
    """A rule that writes the code which makes its address when the first is asked for, not when the portal starts.

    Werkzeug compiles two functions a rule, a fifth of the time until the first answer; most of them a process never calls.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        write = super()._compile_builder
        written: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not written:
                written.append(write(append_unknown))
            return written[0](rule, **values)

        return build
