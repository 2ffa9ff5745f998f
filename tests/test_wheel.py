"""The wheel is the whole portal: in an environment with nothing else it loads the demo district and serves every page with its styles."""

import importlib.metadata
import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from portal.setup import htmx
from tests.serving import CLEAN_ENDS, Links, Served, Visitor, serving

ROOT = Path(__file__).resolve().parents[1]
ROLES = {"commune_officer", "post_agent", "post_supervisor", "district_officer", "approver", "auditor", "admin"}

IMPORT_ALL = """
import importlib, json, pkgutil, portal, sync
files = []
for package in (sync, portal):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith(("__main__", ".wsgi")) and ".migrations." not in module.name:
            files.append(importlib.import_module(module.name).__file__)
print(json.dumps(files))
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel and what it asks for; an empty folder to work in."""

    home: Path
    work: Path

    def command(self, name: str) -> Path:
        return self.home / "bin" / name

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PORTAL", "VIRTUAL"))}
        return kept | {"PORTAL_HASHING": "fast", "HOME": str(self.work)}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(command, cwd=self.work, env=self.environment, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home, work = tmp_path_factory.mktemp("environment"), tmp_path_factory.mktemp("work")
    venv.create(home, with_pip=True, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for distribution in runtime():
        _link(distribution, packages)
    one = Installed(home, work)
    one.run(one.command("python"), "-m", "pip", "install", "--no-index", "--no-deps", "--quiet", wheel)
    return one


@pytest.fixture(scope="module")
def loaded(installed: Installed) -> Installed:
    installed.run(installed.command("portal"), "demo")
    return installed


@pytest.fixture(scope="module")
def served(loaded: Installed) -> Iterator[Served]:
    with serving([loaded.command("portal"), "run", "--port", "0"], cwd=loaded.work, environment=loaded.environment) as portal:
        yield portal


def runtime() -> list[importlib.metadata.Distribution]:
    """What the runtime lock holds for this Python, without what only set-up wants: it is here already, nothing is downloaded."""
    lines = (line.removesuffix("\\") for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line)
    locked = [Requirement(line) for line in lines]
    wanted = [each.name for each in locked if each.name != "babel" and (each.marker is None or each.marker.evaluate())]
    return [importlib.metadata.distribution(name) for name in wanted]


def _link(distribution: importlib.metadata.Distribution, packages: Path) -> None:
    """Let another environment see this one's copy of a package, and of nothing else."""
    for top in {file.parts[0] for file in distribution.files or () if file.parts[0] not in {"..", "__pycache__"}}:
        if not (packages / top).exists():
            (packages / top).symlink_to(Path(str(distribution.locate_file(top))))


def test_the_wheel_holds_pages_styles_htmx_and_the_law(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    committed = subprocess.run(
        ["git", "ls-files", "templates", "static"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert {f"portal/{path}" for path in committed if (ROOT / path).exists()} <= names
    assert f"portal/{htmx.TARGET.as_posix()}" in names
    sources = [
        path for folder in ("portal", "sync") for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".toml", ".gz", ".docx"}
    ]
    assert {path.relative_to(ROOT).as_posix() for path in sources if "setup" not in path.parts} <= names
    assert {name.replace(".po", ".mo") for name in names if name.endswith(".po")} <= names
    assert {name.partition("/")[0] for name in names} == {"portal", "sync", next(n for n in names if ".dist-info/" in n).partition("/")[0]}


def test_it_asks_for_everything_it_uses(installed: Installed) -> None:
    installed.run(installed.command("python"), "-m", "pip", "check")
    files = json.loads(installed.run(installed.command("python"), "-W", "error", "-c", IMPORT_ALL).stdout)
    assert len(files) > 30
    assert all(str(installed.home) in file for file in files)


def test_it_names_its_version(installed: Installed) -> None:
    assert installed.run(installed.command("portal"), "--version").stdout.split()[-1] == importlib.metadata.version("chi-tra")


def test_the_sign_in_page_comes_with_styles_and_htmx(served: Served) -> None:
    visitor = Visitor(served.address)
    status, page = visitor.get("/")
    assert status == 200
    assets = Links(page).assets
    assert any(path.endswith(".css") for path in assets)
    assert any(path.endswith("htmx.min.js") for path in assets)
    assert {path: visitor.get(path)[0] for path in assets} == dict.fromkeys(assets, 200)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_page_a_demo_account_is_offered_opens(served: Served, role: str) -> None:
    name, password = served.demo_accounts[role]
    visitor = Visitor(served.address)
    status, home = visitor.post("/sign-in", name=name, password=password, next="/", held="")
    assert status == 200
    pages = Links(home).pages
    assert len(pages) > 1
    answers = {path: visitor.get(path) for path in pages}
    assert {path: status for path, (status, _) in answers.items() if status != 200} == {}
    assets = set().union(*(Links(text).assets for _, text in answers.values()))
    assert {path: visitor.get(path)[0] for path in assets} == dict.fromkeys(assets, 200)


def test_ctrl_c_ends_it_cleanly(loaded: Installed) -> None:
    with serving([loaded.command("portal"), "run", "--port", "0"], cwd=loaded.work, environment=loaded.environment) as portal:
        assert portal.interrupt() in CLEAN_ENDS
    assert not [line for line in portal.lines if "Traceback" in line or "Error" in line]
