"""Chromium for a session, visitors for a test. Nothing here may leave loopback."""

import os
from pathlib import Path

import pytest

from tests.support.browser import DESKTOP, FLAGS, Visitor, executable


@pytest.fixture(scope="session")
def chromium():
    api = pytest.importorskip(
        "playwright.sync_api", reason="no playwright: the browser tests did NOT run"
    )
    path = executable()
    if path is None:
        pytest.skip("no chromium found: the browser tests did NOT run")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """The folder of the pictures; PAYGATE_PICTURES keeps them."""
    given = os.environ.get("PAYGATE_PICTURES")
    folder = Path(given) if given else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def visit(chromium, pictures):
    """Make visitors: `visit(size=PHONE)`; every one of them leaves at the end."""
    visitors = []

    def make(size=DESKTOP, locale="vi-VN", *, scripts=True):
        visitors.append(Visitor(chromium, pictures, size, locale, scripts=scripts))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.leave()
