"""ES modules joined into one file without their comments: one request on a line where each costs most of a second.

Reads only the plain way the booklet's modules are written in: `import { a, b as c } from "./x.js";` and `export` before a
declaration, comments on lines of their own, no text over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://|/\*\*|\*[ /]).*\n", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+", re.MULTILINE)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleError(ValueError):
    """A module is written in a way that cannot be joined; the message names it."""


def join(modules: Mapping[str, str], entry: str) -> str:
    """The modules that `entry` needs as one, each before those that use it.

    Args:
        modules: name (of "name.js") → source.
        entry: the module that starts everything.

    Raises:
        BundleError: two modules need each other, one is missing, or an import or export reads otherwise.
    """
    done: dict[str, str] = {}

    def add(name: str, way: tuple[str, ...]) -> None:
        if name in way or name not in modules:
            raise BundleError(" → ".join((*way, name)))
        if name in done:
            return
        for _, needed in _IMPORT.findall(modules[name]):
            add(needed, (*way, name))
        done[name] = _closed(name, modules[name])

    add(entry, ())
    return "".join(done.values())


def _closed(name: str, source: str) -> str:
    """One module as a function called once, whose answer is what it exports."""
    text = _COMMENT.sub("", source)
    exports = _EXPORT.findall(text)
    text = _IMPORT.sub(lambda found: f"const {{{found[1].replace(' as ', ': ')}}} = {found[2]}_;", _EXPORT.sub("", text))
    if left := _LEFT_OVER.search(text):
        raise BundleError(f"{name}: {left[0]}")
    return f"const {name}_ = (() => {{\n{_MARGIN.sub('', text)}return {{ {', '.join(exports)} }};\n}})();\n"
