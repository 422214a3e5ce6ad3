"""A real browser on a citizen's behalf: chromium of the system, driven by playwright.

Both are optional: without them the tests that need them are skipped, loudly.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import flask
from werkzeug.serving import make_server

if TYPE_CHECKING:  # an optional dependency, and annotations are all that is needed of it here
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import ConsoleMessage, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1280, 900)
PHONE = (390, 844)
NARROW = (320, 640)
TARGET_MIN_PX = 44
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {runOnly: tags});
  return {
    passes: found.passes.length,
    violations: found.violations.map(
      each => `${each.id}: ${each.help}: ${each.nodes.map(node => node.html).join(" ")}`),
  };
}"""
# Where each word of the page is, against where the window ends: `scrollWidth` alone would miss
# what `overflow: hidden` cuts off. What is only read aloud is clipped to nothing, and may be wide.
_SIDEWAYS = """() => {
  const seen = each => !each || (getComputedStyle(each).clipPath !== "inset(50%)"
    && seen(each.parentElement));
  return Math.max(document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll("main *, footer *, header *")]
    .filter(seen)
    .map(each => Math.ceil(each.getBoundingClientRect().right) - innerWidth));
}"""
_SMALL_TARGETS = """(least) =>
  [...document.querySelectorAll("button, .btn, .tile, .lang a")]
    .filter(each => each.checkVisibility())
    .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
    .filter(([, box]) => box.height < least || box.width < least)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


class Visitor:
    """One citizen with a fresh profile in one window; remembers every request and complaint."""

    def __init__(
        self,
        chromium: Chromium,
        pictures: Path,
        size: tuple[int, int],
        locale: str,
        *,
        scripts: bool = True,
    ) -> None:
        self._pictures = pictures
        self._size = size
        self._context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=locale,
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(10_000)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._context.on("request", self._requested)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, url: str) -> Page:
        """Go to *url* and return the page, with its fonts there."""
        self.page.goto(url)
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        return self.page

    def look(self, name: str) -> Path:
        """Keep a picture of the whole page; fail if it is not accessible or too wide.

        Also fails on small targets, and on complaints of the browser, such as what the
        content policy refused.
        """
        picture = self.picture(name)
        assert self.axe_violations() == []
        assert self.sideways_px() <= 0
        assert self.small_targets() == []
        assert self.complaints == []
        return picture

    def picture(self, name: str) -> Path:
        """Return the file that shows the whole page as it is now."""
        path = self._pictures / f"{name}.png"
        width, height = self._size
        # A bar that sticks to the window's end would lie in the middle of a longer picture.
        whole = int(self.page.evaluate("() => document.documentElement.scrollHeight"))
        self.page.set_viewport_size({"width": width, "height": max(height, whole)})
        self.page.screenshot(path=path, full_page=True)
        self.page.set_viewport_size({"width": width, "height": height})
        return path

    def axe_violations(self) -> list[str]:
        """Return what axe finds against WCAG 2.2 AA and best practice on this page."""
        # Evaluated by the debugger, so that the page's own policy stays in force.
        self.page.evaluate(_axe_source())
        found: dict[str, Any] = self.page.evaluate(_RUN_AXE, list(_RULES))
        assert found["passes"] > 0
        return list(found["violations"])

    def sideways_px(self) -> int:
        """Return by how much something stands out of the window on the right."""
        return int(self.page.evaluate(_SIDEWAYS))

    def small_targets(self) -> list[str]:
        """Return what is there to be pressed and too small for a thumb."""
        return list(self.page.evaluate(_SMALL_TARGETS, TARGET_MIN_PX))

    def strangers(self, *origins: str) -> list[str]:
        """Return the requests that went elsewhere than to *origins*."""
        return [url for url in self.requests if origin(url) not in origins]

    def leave(self) -> None:
        """Close the window."""
        self._context.close()

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        # A page of status 404 is reported as an error, too, and is none.
        if message.type in {"error", "warning"} and "status of" not in message.text:
            self.complaints.append(message.text)


def origin(url: str) -> str:
    """Return scheme, host and port of *url*."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def executable() -> str | None:
    """Return the path of a chromium, None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def served(app: flask.Flask, port: int = 0) -> Iterator[str]:
    """Serve *app* on loopback; the value is its origin."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _axe_source() -> str:
    # Its own driver needs the page's policy switched off, so only the script is taken.
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
