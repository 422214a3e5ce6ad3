"""The web process: `paygate serve` starts gunicorn on `build`."""

from __future__ import annotations

import gc
import select
import socket
import time

import flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import TConn, ThreadWorker

from paygate.bootstrap import create_app, meet_accounts, open_house
from paygate.config import Config
from paygate.domain.clock import SystemClock
from paygate.logs import configure_logs

GRACE_S = 30  # an answer takes at most as long as a rail's (10 s), twice
KEEPALIVE_S = 5
GARBAGE_OBJECTS = 10_000  # a request makes some thousands
YIELD_S = 0.002  # to a process that has a thread to spare
STAY_MS = 20  # with a connection whose next request may be on its way


def build(config: Config) -> flask.Flask:
    """Return the application of one process, with a database connection pool of its own."""
    configure_logs()
    house = open_house(config)
    house.db.act(meet_accounts, config, SystemClock())
    return create_app(config, house)


class FairWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's worker with threads, which lets its neighbours have their share.

    All processes are woken for a new connection, and the one that is awake already would take
    each of a burst, and keep them: one process would do all the work.

    Between two requests of a connection gunicorn goes through its main loop, which costs two
    changes of thread. Where every connection has a thread to itself, it stays for the next one.
    """

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection; with one for every thread, only what nobody else wants."""
        if self.nr_conns >= self.cfg.threads:
            time.sleep(YIELD_S)
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Answer a request, and those that follow it at once on the same connection."""
        kept = super().handle(conn)
        while kept is True and self._has_more(conn):
            kept = super().handle(conn)
        return kept

    def _has_more(self, conn: TConn) -> bool:
        """Return whether a request came on *conn* while its thread was wanted by no other."""
        if (
            not self.alive
            or self.nr_conns > self.cfg.threads
            or conn.parser.unreader.buf.getvalue()
        ):
            return False
        poller = select.poll()
        poller.register(conn.sock, select.POLLIN)
        return bool(poller.poll(STAY_MS))


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn with threads: workers are forked first, then each builds its own application."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Set what our configuration says; nothing is read from gunicorn's own files."""
        gateway = self._config.gateway
        for name, value in {
            "bind": gateway.listen,
            "workers": gateway.processes,
            "threads": gateway.threads,
            "worker_class": FairWorker,
            "keepalive": KEEPALIVE_S,
            "graceful_timeout": GRACE_S,
            "accesslog": None,
            "limit_request_line": 8190,
            "proc_name": "paygate",
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """Return the application."""
        app = build(self._config)
        # What lives as long as the process is looked through for garbage no more.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_OBJECTS)
        return app


def serve(config: Config) -> None:
    """Answer requests until the process is told to stop."""
    Server(config).run()
