"""Whatever a request creates is made once: key, effect and answer commit together (ADR 0016)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus

import flask
import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.http.api import idempotency_key, request_digest, text_answer
from paygate.http.context import context
from paygate.store import idempotency
from paygate.store.portals import Portal

Make = Callable[[sa.Connection], Mapping[str, object]]
"""Does the act, and returns the answer's JSON, whose `id` names what was made."""


def create_once(portal: Portal, act: Act, collection: str, make: Make) -> flask.Response:
    """Return 201 with what *make* made below *collection*, or once more what it answered before.

    Raises:
        IdempotencyKeyMissingError, IdempotencyKeyReusedError, IdempotencyKeyRunningError:
            DESIGN 5.1, ADR 0016.
    """
    key, digest, here = idempotency_key(), request_digest(), context()

    def once(tx: sa.Connection) -> tuple[int, str, bool]:
        known = idempotency.claim(tx, portal.id, key, digest, now=act.now)
        if known is not None and known.status is not None and known.answer is not None:
            return known.status, known.answer, True
        text = json.dumps(make(tx), ensure_ascii=False)
        idempotency.answer(tx, portal.id, key, status=HTTPStatus.CREATED, text=text)
        return HTTPStatus.CREATED, text, False

    status, text, replayed = here.house.db.act(once)
    made_id = json.loads(text)["id"]
    headers = {"Location": f"{here.config.gateway.base_url}/v1/{collection}/{made_id}"}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return text_answer(text, status=status, headers=headers)
