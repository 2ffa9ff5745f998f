"""What is decoded into a Struct while requests are served was looked up when its module was imported (`sync.structs`)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house import tree

_PLAIN = {"list", "tuple", "dict", "str", "int", "float", "bool", "Any"}
SERVED = [path for path in tree.python("portal", "sync") if "setup" not in path.parts]


def names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - _PLAIN


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(tree.read(path))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def decoded(path: Path) -> Iterator[str]:
    """The kinds a module decodes into."""
    for called, node in calls(path):
        if called.endswith("convert") and len(node.args) > 1:
            yield from names(node.args[1])
        if called.endswith(("convert", "json.decode")):
            for keyword in node.keywords:
                if keyword.arg == "type":
                    yield from names(keyword.value)


def test_every_struct_that_is_decoded_was_looked_up_before() -> None:
    known = {name for path in SERVED for called, node in calls(path) if called == "looked_up" for each in node.args for name in names(each)}
    assert {"Edit", "Result"} <= known
    assert [f"{path}: {name}" for path in SERVED for name in decoded(path) if name not in known] == []


RACE = """
import sys, threading, msgspec
from sync.structs import looked_up
sys.setswitchinterval(1e-6)
for _ in range(300):
    inner = msgspec.defstruct("Inner", [("a", str), ("b", tuple[str, ...], ()), ("c", str, "")])
    outer = msgspec.defstruct("Outer", [("x", str), ("y", inner), ("z", str, "")])
    looked_up(outer)
    gate = threading.Barrier(4)
    def decode():
        gate.wait()
        msgspec.convert({"x": "1", "y": {"a": "2"}, "z": "3"}, outer)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for each in threads: each.start()
    for each in threads: each.join()
"""


def test_threads_may_decode_at_once_what_was_looked_up() -> None:
    assert subprocess.run([sys.executable, "-c", RACE], cwd=tree.ROOT, check=False).returncode == 0
