"""Where the bench works: a folder that goes away with it, the people, and a fresh copy of each side's database for every round."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from pathlib import Path

from tests.scale import floor, people, site
from tests.scale.cluster import Cluster, cluster
from tests.scale.figures import Figure
from tests.scale.program import Program, asking, running

ROUNDS = 3


class Places:
    """What every part of a run shares; made on first use."""

    def __init__(self, home: Path, report: Callable[[Figure], None]) -> None:
        self.home = home
        self.report = report
        self.floor = floor.folder()
        self.newest = ""
        """The database of the portal that was started last."""
        self._stack = ExitStack()
        self._numbers = count(1)

    def close(self) -> None:
        """Ends what is still running."""
        self._stack.close()

    @cached_property
    def people(self) -> list[people.Person]:
        """The district's people."""
        return people.made()

    @cached_property
    def portal_file(self) -> Path:
        """The portal's district on SQLite, to copy from or to read."""
        say("loading the portal's district (SQLite)")
        path = self.home / "portal.sqlite3"
        people.load(f"sqlite:///{path}", self.people)
        return path

    @cached_property
    def province_file(self) -> Path:
        """The portal's register of a province on SQLite, to copy from or to read."""
        say(f"loading {people.PROVINCE:,} people (SQLite)")
        path = self.home / "province.sqlite3"
        people.load(f"sqlite:///{path}", people.made(people.PROVINCE))
        return path

    @cached_property
    def floor_file(self) -> Path:
        """The floor's district on SQLite."""
        say("loading the floor's district (SQLite)")
        assert self.floor
        path = self.home / "floor.sqlite3"
        floor.load(self.floor, f"sqlite:///{path}", self.people)
        return path

    @cached_property
    def cluster(self) -> Cluster:
        """The run's PostgreSQL, with both districts in it as `portal` and `floor`."""
        say("starting PostgreSQL and loading both districts")
        server = self._stack.enter_context(cluster(self.home / "postgres"))
        people.load(server.database("portal"), self.people)
        if self.floor:
            floor.load(self.floor, server.database("floor"), self.people)
        return server

    @contextmanager
    def portal(self, *, workers: int = 1, threads: int = 4, postgres: bool = False, posted: bool = False) -> Iterator[Program]:
        """The portal on a fresh copy of its district; `posted`: with a month's list at the post office."""
        with self._database("portal", postgres=postgres) as url:
            if posted:
                people.post_month(url)
            with self.started(url, workers, threads) as program:
                yield program

    @contextmanager
    def started(self, url: str, workers: int = 1, threads: int = 4) -> Iterator[Program]:
        """The portal on a database that is there."""
        self.newest = url
        with running(site.start(url, self.home, workers=workers, threads=threads), asking(site.SIGN_IN)) as program:
            yield program

    @contextmanager
    def the_floor(self, *, workers: int = 1, threads: int = 4, postgres: bool = False) -> Iterator[Program]:
        """The floor on a fresh copy of its district."""
        assert self.floor
        with (
            self._database("floor", postgres=postgres) as url,
            running(floor.start(self.floor, url, self.home, workers=workers, threads=threads), asking(floor.FIRST)) as program,
        ):
            yield program

    def fresh(self, name: str) -> Path:
        """A file name nobody has used yet."""
        return self.home / f"{name}-{next(self._numbers)}.sqlite3"

    @contextmanager
    def _database(self, side: str, *, postgres: bool) -> Iterator[str]:
        if postgres:
            name = f"{side}_{next(self._numbers)}"
            yield self.cluster.database(name, like=side)
            self.cluster.drop(name)
            return
        path = self.fresh(side)
        shutil.copyfile(self.portal_file if side == "portal" else self.floor_file, path)
        yield f"sqlite:///{path}"
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()


def say(text: str) -> None:
    """What goes on, on stderr: stdout is for figures."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
