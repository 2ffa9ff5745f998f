"""ES modules joined into one file without their comments: one request on a line where each costs most of a second.

Reads only the plain way the booklet's modules are written in: `import { a, b } from "./x.js";` and `export` before a
declaration, no name twice at the top of two modules, comments on lines of their own, no text over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import \{[\w, ]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class) \w+)", re.MULTILINE)
_NAMED = re.compile(r"^(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://|/\*\*|\*[ /]).*\n", re.MULTILINE)
_SPACE = re.compile(r"""("(?:[^"\\]|\\.)*")| ?([{}(),;:=>?&|<]+) ?""")
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleError(ValueError):
    """A module is written in a way that cannot be joined; the message names it."""


def join(modules: Mapping[str, str], entry: str) -> str:
    """The modules that `entry` needs as one, each before those that use it.

    Args:
        modules: name (of "name.js") → source.
        entry: the module that starts everything.

    Raises:
        BundleError: two modules need each other or share a name at their top, one is missing, or an import or export reads otherwise.
    """
    done: dict[str, str] = {}
    owners: dict[str, str] = {}

    def add(name: str, way: tuple[str, ...]) -> None:
        if name in way or name not in modules:
            raise BundleError(" → ".join((*way, name)))
        if name in done:
            return
        for needed in _IMPORT.findall(modules[name]):
            add(needed, (*way, name))
        done[name] = _bare(name, modules[name])
        for named in _NAMED.findall(done[name]):
            if (other := owners.setdefault(named, name)) != name:
                raise BundleError(f"{named} is a name in {other} and in {name}")

    add(entry, ())
    return "".join("".join(f"{_tight(line.strip())}\n" for line in text.splitlines() if line.strip()) for text in done.values())


def _bare(name: str, source: str) -> str:
    """One module without its imports, exports and comments."""
    text = _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", source)))
    if left := _LEFT_OVER.search(text):
        raise BundleError(f"{name}: {left[0]}")
    return text


def _tight(line: str) -> str:
    """A line without the spaces that only people need; left as it is where a template or a regular expression may stand in it."""
    if "`" in line or "/" in line:
        return line
    return _SPACE.sub(lambda found: found[1] or found[2], line)
