"""What every test in a browser has: one Chromium for a file of tests, and the small district answering it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.answering import answering
from tests.district import District
from tests.machine import CHROMIUM_ARGUMENTS


@pytest.fixture(scope="module")
def chrome(chromium: Path) -> Iterator[Browser]:
    """One Chromium for a file of tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def address(district: District) -> Iterator[str]:
    """Where the small district answers; a file that wants more in it has its own."""
    with answering(district.app) as at:
        yield at
