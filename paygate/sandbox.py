"""The rails' own side over real HTTP: what `paygate sandbox` serves, and the demo, and tests.

`/{account}/...` is the emulator of that account; `POST /control/{account}` tells it how to behave.
Only for test environments: whoever reaches it can play every bank.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from socket import SHUT_RDWR, socket
from typing import cast

import structlog
from flask import Flask, Response, abort, request
from werkzeug.serving import BaseWSGIServer
from werkzeug.serving import make_server as make_wsgi_server

from paygate.domain.clock import Clock
from providers.contract import (
    Arrival,
    Emulator,
    Errand,
    HttpReply,
    NotSentError,
    Send,
    SilentError,
)

LOOPBACK = "127.0.0.1"
BODY_BYTES_MAX = 1 << 20
RETRY_WAITS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # so ten tries, in two minutes
CLOSE_WAIT_S = 5.0
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Messenger:
    """Runs the emulators' errands in the background, and again until they are acknowledged."""

    send: Send
    waits_s: tuple[float, ...] = RETRY_WAITS_S
    _closing: threading.Event = field(default_factory=threading.Event)
    _running: set[threading.Thread] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run_now(self, emulator: Emulator, errand: Errand) -> None:
        """Deliver once before returning; what is not acknowledged goes on in the background."""
        if not self._deliver(emulator, errand) and not errand.once:
            self._start(emulator, errand, self.waits_s)

    def run_later(self, emulator: Emulator, errand: Errand) -> None:
        """Deliver in the background, after the errand's own delay."""
        waits_s = () if errand.once else self.waits_s
        self._start(emulator, errand, (errand.after_s, *waits_s))

    def close(self) -> None:
        """Drop what still waits, and let what is on its way arrive."""
        self._closing.set()
        with self._lock:
            running = tuple(self._running)
        for thread in running:
            thread.join(CLOSE_WAIT_S)

    def _start(self, emulator: Emulator, errand: Errand, waits_s: tuple[float, ...]) -> None:
        thread = threading.Thread(
            target=self._deliver_until_known, args=(emulator, errand, waits_s), daemon=True
        )
        with self._lock:
            self._running.add(thread)
        thread.start()

    def _deliver_until_known(
        self, emulator: Emulator, errand: Errand, waits_s: tuple[float, ...]
    ) -> None:
        try:
            for wait_s in waits_s:
                if self._closing.wait(wait_s) or self._deliver(emulator, errand):
                    return
            log.info("errand_given_up", url=errand.call.url, tries=len(waits_s))
        finally:
            with self._lock:
                self._running.discard(threading.current_thread())

    def _deliver(self, emulator: Emulator, errand: Errand) -> bool:
        try:
            reply = self.send(errand.call)
        except (NotSentError, SilentError) as error:
            log.info("errand_unanswered", url=errand.call.url, reason=str(error))
            return False
        known = emulator.acknowledged(reply)
        log.info("errand_answered", url=errand.call.url, status=reply.status, acknowledged=known)
        return known


def create_sandbox(
    emulators: Mapping[str, Emulator], messenger: Messenger, *, clock: Clock
) -> Flask:
    """Return the application that plays *emulators*, by their account's code.

    The caller owns *messenger* and closes it when the server has ended.
    """
    if "control" in emulators:
        raise ValueError("control is the name of a page, and cannot be an account")
    app = Flask("paygate.sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    # An emulator keeps its sessions in plain memory, so its visits queue.
    locks = {account: threading.Lock() for account in emulators}

    def visit(account: str, path: str = "") -> Response:
        emulator = emulators.get(account) or abort(404)
        arrival = _arrival(f"/{path}", clock)
        with locks[account]:
            visited = emulator.visit(arrival)
        for errand in visited.before:
            messenger.run_now(emulator, errand)
        for errand in visited.after:
            messenger.run_later(emulator, errand)
        return _drop() if visited.reply is None else _response(visited.reply)

    def control(account: str) -> Response:
        emulator = emulators.get(account) or abort(404)
        try:
            wishes = _wishes()
            with locks[account]:
                emulator.control(wishes)
        except ValueError as error:
            return Response(f"{error}\n", 400, mimetype="text/plain")
        return Response(status=204)

    app.add_url_rule("/control/<account>", "control", control, methods=["POST"])
    app.add_url_rule("/<account>/", "base", visit, methods=METHODS)
    app.add_url_rule("/<account>/<path:path>", "visit", visit, methods=METHODS)
    return app


def make_server(app: Flask, port: int) -> BaseWSGIServer:
    """Return a server on this machine alone, for its owner to `serve_forever` and `shutdown`."""
    return make_wsgi_server(LOOPBACK, port, app, threaded=True)


def _arrival(path: str, clock: Clock) -> Arrival:
    return Arrival(
        method=request.method,
        path=path,
        query=request.query_string,
        headers=tuple(request.headers.items()),
        body=request.get_data(),
        arrived_at=clock.now(),
    )


def _wishes() -> dict[str, str]:
    if request.is_json:
        told = request.get_json(silent=True)
        if not isinstance(told, dict):
            raise ValueError("wishes are one JSON object")
        return {str(name): str(wish) for name, wish in told.items()}
    return request.form.to_dict()


def _response(reply: HttpReply) -> Response:
    return Response(reply.body, reply.status, headers=dict(reply.headers))


def _drop() -> Response:
    """Cut the connection under the answer: the other side sees it end, and no byte of ours."""
    for server in ("gunicorn.socket", "werkzeug.socket"):
        if server in request.environ:
            cast("socket", request.environ[server]).shutdown(SHUT_RDWR)
            return Response(status=204)  # written to nobody
    raise ConnectionAbortedError("this server lends no socket to cut")
