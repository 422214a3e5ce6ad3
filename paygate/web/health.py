"""Is it alive, is it ready (DESIGN 5.6)."""

from __future__ import annotations

import flask
import sqlalchemy as sa
import structlog

from paygate.http.api import json_answer
from paygate.http.context import context
from paygate.store import jobs, schema

blueprint = flask.Blueprint("health", __name__)
WORKER_LEASE = "worker"
log = structlog.get_logger()


@blueprint.get("/healthz")
def alive() -> flask.Response:
    """Say that the process answers."""
    return json_answer({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> flask.Response:
    """Say whether the database is there with the tables of this version.

    The worker's lease is shown, and never makes a web node unready.
    """
    here = context()
    try:
        with here.house.db.read() as tx:
            revision = schema.current(tx)
            lease = jobs.current(tx, WORKER_LEASE) if revision is not None else None
    except sa.exc.SQLAlchemyError:
        log.exception("database_unreachable")
        return json_answer({"status": "unready", "database": "unreachable"}, status=503)
    good = revision == schema.head()
    late_s = None
    if lease is not None:
        late_s = max(0, int((here.clock.now() - lease.expires_at).total_seconds()))
    answer = {
        "status": "ready" if good else "unready",
        "database": "ok",
        "migrations": "ok" if good else f"{revision} is not {schema.head()}",
        "worker_lease_late_s": late_s,
    }
    return json_answer(answer, status=200 if good else 503)
