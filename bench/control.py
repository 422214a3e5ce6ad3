"""The comparison: the same statements behind the same server, without paygate's code.

`python -m bench.control PORT`. A Flask view, a connection of the same engine, the statements of one
callback in Core, built before; no signature, no rules, no rows made of answers, no sealing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import flask
import sqlalchemy as sa
from gunicorn.app.base import BaseApplication

from bench.calls import PATH
from bench.numbered import SAMPLE
from bench.tape import Row, Statement, record, renumbered
from paygate.bootstrap import configuration, open_house
from paygate.store.engine import EngineDatabase
from paygate.wsgi import GRACE_S, KEEPALIVE_S, FairWorker

DIGITS = len(str(SAMPLE))


def create_control() -> flask.Flask:
    """Return the application of one process."""
    config = configuration()
    database = EngineDatabase(config.gateway.database_url)
    secret = config.accounts[0].settings["secret_key"][0]
    statements = record(open_house(config), database.engine, secret)
    makers = [(each.clause, _maker(each)) for each in statements]
    app = flask.Flask("bench.control")

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    @app.post(PATH)
    def arrive() -> flask.Response:
        number = json.loads(flask.request.get_data())["MERCHANT_ORDER_ID"][-DIGITS:]
        database.act(_run, makers, int(number))
        answer = {"RESPONSE_CODE": "00", "MERCHANT_ORDER_ID": number}
        text = json.dumps(answer, separators=(",", ":"))
        return flask.Response(text, content_type="application/json")

    return app


def _run(
    tx: sa.Connection, makers: list[tuple[sa.Executable, Callable[[int], list[Row]]]], number: int
) -> None:
    for clause, rows_for in makers:
        rows = rows_for(number)
        result = tx.execute(clause, rows if len(rows) > 1 else rows[0])
        if result.returns_rows:
            result.all()


def _maker(statement: Statement) -> Callable[[int], list[Row]]:
    """Return what makes the statement's parameters for a number, with the least to do."""
    sample = str(SAMPLE)
    fixed = [
        {name: v for name, v in row.items() if not (isinstance(v, str) and sample in v)}
        for row in statement.given
    ]
    moving = [
        {name: v for name, v in row.items() if name not in same}
        for row, same in zip(statement.given, fixed, strict=True)
    ]

    def rows_for(number: int) -> list[Row]:
        pairs = zip(fixed, moving, strict=True)
        return [{**same, **renumbered(other, number)} for same, other in pairs]

    return rows_for


class Control(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn as `paygate serve` sets it."""

    def __init__(self, port: int) -> None:
        self._port = port
        super().__init__()

    def load_config(self) -> None:
        """Set what paygate.wsgi sets."""
        for name, value in {
            "bind": f"127.0.0.1:{self._port}",
            "workers": 2,
            "threads": 8,
            "worker_class": FairWorker,
            "keepalive": KEEPALIVE_S,
            "graceful_timeout": GRACE_S,
            "accesslog": None,
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """Return the application."""
        return create_control()


if __name__ == "__main__":
    Control(int(sys.argv[1])).run()
