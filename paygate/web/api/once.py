"""Whatever a request creates is made once: key, effect and answer commit together (ADR 0016)."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask
import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.http.api import idempotency_key, json_answer, request_digest
from paygate.http.context import context
from paygate.store import idempotency
from paygate.store.portals import Portal

Json = dict[str, Any]
Make = Callable[[sa.Connection], Json]
"""Does the act, and returns the answer as it is kept."""
Show = Callable[[sa.Connection, Json], Json]
"""Returns the answer as it is sent: with what may not be kept in clear, the first time or again."""


def create_once(
    portal: Portal, act: Act, collection: str, make: Make, *, show: Show | None = None
) -> flask.Response:
    """Return 201 with what *make* made below *collection*, or once more what was answered before.

    Raises:
        IdempotencyKeyMissingError, IdempotencyKeyReusedError, IdempotencyKeyRunningError:
            DESIGN 5.1, ADR 0016.
    """
    answer = answer_once(portal, act, make, status=HTTPStatus.CREATED, show=show)
    made = answer.get_json()["id"]
    answer.headers["Location"] = f"{context().config.gateway.base_url}/v1/{collection}/{made}"
    return answer


def answer_once(
    portal: Portal, act: Act, make: Make, *, status: int, show: Show | None = None
) -> flask.Response:
    """Return what *make* answers, or once more what it answered before.

    Raises:
        IdempotencyKeyMissingError, IdempotencyKeyReusedError, IdempotencyKeyRunningError:
            DESIGN 5.1, ADR 0016.
    """
    key, digest = idempotency_key(), request_digest()

    def once(tx: sa.Connection) -> tuple[int, Json, bool]:
        known = idempotency.claim(tx, portal.id, key, digest, now=act.now)
        if known is not None and known.status is not None and known.answer is not None:
            code, value, replayed = known.status, json.loads(known.answer), True
        else:
            code, value, replayed = status, make(tx), False
            text = json.dumps(value, ensure_ascii=False)
            idempotency.answer(tx, portal.id, key, status=status, text=text)
        return code, value if show is None else show(tx, value), replayed

    code, value, replayed = context().house.db.act(once)
    return json_answer(
        value, status=code, headers={"Idempotent-Replayed": "true"} if replayed else None
    )
