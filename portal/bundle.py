"""ES modules joined into one file and tightened: one request on a line where each costs most of a second.

Reads only the plain way the booklet's modules are written in: `import { a, b } from "./x.js";` and `export` before a
declaration, no name twice at the top of two modules, no template inside a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import rjsmin

_IMPORT = re.compile(r'^import \{[\w, ]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|function|class) \w+)", re.MULTILINE)
_NAMED = re.compile(r"^(?:async )?(?:const|let|function|class) (\w+)", re.MULTILINE)
_STYLE_SPACE = re.compile(r"/\*.*?\*/\s*|(?<=[{};:,])\s+", re.DOTALL)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_TWO_TEMPLATES = re.compile(r"`[^`]*\$\{[^`}]*`")


class BundleError(ValueError):
    """A module is written in a way that cannot be joined; the message names it."""


def join(modules: Mapping[str, str], entry: str) -> str:
    """The modules that `entry` needs as one, each before those that use it; what `entry` exports, the file exports.

    Args:
        modules: name (of "name.js") → source.
        entry: the module that starts everything.

    Raises:
        BundleError: two modules need each other or share a name at their top, one is missing, or one is not written in the plain way.
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
        done[name] = _bare(name, modules[name], exports=name == entry)
        for named in _NAMED.findall(_EXPORT.sub("", done[name])):
            if (other := owners.setdefault(named, name)) != name:
                raise BundleError(f"{named} is a name in {other} and in {name}")

    add(entry, ())
    return tight("\n".join(done.values()))


def tight(source: str) -> str:
    """A script without its comments and without the spaces that only people need."""
    found: str = rjsmin.jsmin(source)
    return found


def tight_style(source: str) -> str:
    """A style sheet without its comments and without the spaces that only people need."""
    return _STYLE_SPACE.sub("", source)


def _bare(name: str, source: str, *, exports: bool) -> str:
    """One module without its imports, and without its exports but where those are the file's."""
    text = _IMPORT.sub("", source)
    plain = _EXPORT.sub("", text)
    if left := _LEFT_OVER.search(plain) or _TWO_TEMPLATES.search(plain):
        raise BundleError(f"{name}: {left[0]}")
    return text if exports else plain
