"""The thin layer under our JSON API: typed in, RFC 9457 out (ADR 0014)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import flask
from pydantic import BaseModel, ValidationError

from paygate.domain.errors import UnknownAgencyError, ValueRefusedError
from paygate.http.json_body import check_json
from paygate.http.limits import read_body
from paygate.http.problems import (
    FieldRefusal,
    FieldsRefusedError,
    IdempotencyKeyMissingError,
    WrongContentTypeError,
    fields_of,
)

API_BODY_BYTES_MAX = 1024 * 1024
M = TypeVar("M", bound=BaseModel)
_KEY = re.compile(r"[!-~]{1,255}")


def read_json(model: type[M]) -> M:
    """Return the request's body as *model*.

    Raises:
        WrongContentTypeError, MalformedJsonError, FieldsRefusedError: what is wrong with it.
        RequestEntityTooLarge: more than 1 MiB.
    """
    if flask.request.mimetype != "application/json":
        raise WrongContentTypeError
    text = read_body(API_BODY_BYTES_MAX)
    check_json(text)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise fields_of(error) from None  # its text would repeat the input


def read_query(model: type[M]) -> M:
    """Return the request's query as *model*; a name given twice is refused."""
    pairs = list(flask.request.args.items(multi=True))
    query = dict(pairs)
    if len(query) != len(pairs):
        raise FieldsRefusedError([FieldRefusal("", "field_value")])
    try:
        return model.model_validate_strings(query)
    except ValidationError as error:
        raise fields_of(error) from None


def idempotency_key() -> str:
    """Return the key of a request that creates something.

    Raises:
        IdempotencyKeyMissingError: none was given, or none that can be kept.
    """
    key = flask.request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyMissingError
    return key


def request_digest() -> str:
    """Return what two requests with one key must share: route and body.

    Raises:
        RequestEntityTooLarge: more than 1 MiB, also where no body is wanted.
    """
    digest = hashlib.sha256(f"{flask.request.method} {flask.request.path}\n".encode())
    digest.update(read_body(API_BODY_BYTES_MAX))
    return digest.hexdigest()


class Gathering:
    """Gathers what the domain refuses of a request, so that all of it is told at once."""

    def __init__(self) -> None:
        self.refused: list[FieldRefusal] = []

    @contextmanager
    def at(self, pointer: str) -> Iterator[None]:
        """Note the refusal of the value at *pointer*, and go on."""
        try:
            yield
        except ValueRefusedError as error:
            self.refused.append(FieldRefusal(_nearer(pointer, error.code), error.code))
        except UnknownAgencyError as error:
            self.refused.append(FieldRefusal(pointer, error.code))

    def check(self) -> None:
        """Raise FieldsRefusedError if anything was refused."""
        if self.refused:
            raise FieldsRefusedError(self.refused)


def json_answer(
    value: object, *, status: int = 200, headers: dict[str, str] | None = None
) -> flask.Response:
    """Return *value* as JSON."""
    return text_answer(json.dumps(value, ensure_ascii=False), status=status, headers=headers)


def text_answer(
    text: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> flask.Response:
    """Return JSON that was written before."""
    response = flask.Response(text, status=status, content_type="application/json")
    response.headers.update(headers or {})
    return response


_PARTS = ("name", "id_number", "phone", "email", "address", "account_number", "account_holder")


def _nearer(pointer: str, code: str) -> str:
    """Return the pointer of the very field, where the code of a whole value names it."""
    if code == "bank_unknown":
        return f"{pointer}/bank_bin"
    part = next((each for each in _PARTS if code.startswith(f"{each}_")), None)
    return pointer if part is None or pointer.endswith(part) else f"{pointer}/{part}"
