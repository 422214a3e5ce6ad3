"""Refusals as RFC 9457 problems: the only place where a refusal gets an HTTP status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType

import flask
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from paygate.domain import errors
from paygate.http import refusals
from paygate.http.context import request_id
from paygate.http.json_body import MalformedJsonError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
NOT_BUILT = 501
NAME_SHOWN_MAX = 100  # characters of a name that a pointer repeats

STATUSES: Mapping[type[errors.PaygateError], int] = MappingProxyType(
    {
        errors.ValueRefusedError: 422,
        errors.UnknownAgencyError: 422,
        errors.AmountOffRuleError: 422,
        errors.PayableTypeNotAllowedError: 422,
        errors.PayableWindowOverError: 422,
        errors.ReturnUrlRefusedError: 422,
        errors.LiveOrderExistsError: 409,
        errors.AlreadyPaidError: 409,
        errors.OrderPaidError: 409,
        errors.VersionDiffersError: 412,
        errors.IdempotencyKeyReusedError: 422,
        errors.IdempotencyKeyRunningError: 409,
        errors.OrderNotFoundError: 404,
        errors.OrderNotPayableError: 409,
        errors.MethodNotOfferedError: 422,
        errors.NotAuthenticatedError: 401,
        errors.WebhookEndpointNotFoundError: 404,
        errors.WebhookEndpointExistsError: 409,
        errors.TooManyWebhookEndpointsError: 409,
        errors.WebhookEndpointDisabledError: 409,
        errors.WebhookMessageNotFoundError: 404,
        errors.NobodyToTellError: 409,
        errors.NotBuiltYetError: NOT_BUILT,
    }
)
# Where in the body the refusal lies, of those that can only lie in one place.
PLACES: Mapping[type[errors.PaygateError], str] = MappingProxyType(
    {
        errors.PayableTypeNotAllowedError: "/payable_ref/type",
        errors.PayableWindowOverError: "/payable_ref/fields/notice_date",
    }
)
HTTP_CODES: Mapping[int, str] = MappingProxyType(
    {
        400: "request_malformed",
        401: "not_authenticated",
        404: "not_found",
        405: "method_not_allowed",
        413: "body_too_large",
        415: "content_type_not_json",
        429: "too_many_requests",
        500: "server_error",
        503: "busy",
    }
)
# What pydantic calls its refusals, in our codes; whatever is not named is a wrong value.
FIELD_CODES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "field_missing",
        "extra_forbidden": "field_unknown",
        "string_too_short": "field_length",
        "string_too_long": "field_length",
        "too_short": "field_length",
        "too_long": "field_length",
        # those of our own fields
        "amount_not_whole_dong": "amount_not_whole_dong",
        "field_control_character": "field_control_character",
        "field_empty": "field_empty",
        "field_too_long": "field_too_long",
        "metadata_key_repeated": "metadata_key_repeated",
        "time_malformed": "time_malformed",
    }
)


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """One field that was refused: a JSON pointer, and the stable code of the rule."""

    pointer: str
    code: str
    lawful: str | None = None  # the amount that the rules say

    def to_json(self) -> dict[str, str]:
        """Return the member of `errors`; the input itself is never echoed."""
        english, vietnamese = refusals.texts(self.code)
        if self.lawful is not None:
            english, vietnamese = refusals.lawful_texts(self.lawful)
        return {
            "pointer": self.pointer,
            "code": self.code,
            "message": english,
            "message_vi": vietnamese,
        }


class FieldsRefusedError(errors.PaygateError):
    """Fields of the request were refused; all that were found are told at once."""

    code = "fields_refused"

    def __init__(self, fields: Iterable[FieldRefusal]) -> None:
        super().__init__()
        self.fields = tuple(fields)


class IdempotencyKeyMissingError(errors.PaygateError):
    """A request that creates something came without a usable key."""

    code = "idempotency_key_missing"


class VersionMissingError(errors.PaygateError):
    """A change came without saying of which version (RFC 6585, 3)."""

    code = "version_missing"


class WrongContentTypeError(errors.PaygateError):
    """The body is not JSON by its own account."""

    code = "content_type_not_json"


DOOR_STATUSES: Mapping[type[Exception], tuple[int, str]] = MappingProxyType(
    {
        FieldsRefusedError: (422, FieldsRefusedError.code),
        IdempotencyKeyMissingError: (400, IdempotencyKeyMissingError.code),
        VersionMissingError: (428, VersionMissingError.code),
        WrongContentTypeError: (415, WrongContentTypeError.code),
        MalformedJsonError: (400, "json_malformed"),
    }
)


def fields_of(error: ValidationError) -> FieldsRefusedError:
    """Return what pydantic refused, without the input that it would repeat."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return FieldsRefusedError(
        FieldRefusal(_pointer(each["loc"]), _field_code(each["type"])) for each in found
    )


def answer_to(error: Exception) -> flask.Response:
    """Return the problem that tells the caller of *error*."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        headers = {k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After"}}
        code = HTTP_CODES.get(status, "request_malformed" if status < 500 else "server_error")  # noqa: PLR2004  # RFC 9110, 15
        return problem(status, code, headers=headers)
    if type(error) in DOOR_STATUSES:
        status, code = DOOR_STATUSES[type(error)]
        fields = error.fields if isinstance(error, FieldsRefusedError) else ()
        return problem(status, code, fields=fields)
    if isinstance(error, errors.PaygateError):
        return _refusal(error)
    return problem(500, "server_error")


def is_refusal(error: Exception) -> bool:
    """Return whether *error* is something that we say on purpose."""
    return isinstance(error, errors.PaygateError) or type(error) in DOOR_STATUSES


def status_of(error: Exception) -> int:
    """Return the HTTP status that tells of *error*."""
    if isinstance(error, HTTPException):
        return error.code or 500
    if type(error) in DOOR_STATUSES:
        return DOOR_STATUSES[type(error)][0]
    return STATUSES.get(type(error), 500) if isinstance(error, errors.PaygateError) else 500


def problem(
    status: int,
    code: str,
    *,
    fields: tuple[FieldRefusal, ...] = (),
    facts: Mapping[str, str] = MappingProxyType({}),
    headers: Mapping[str, str] = MappingProxyType({}),
) -> flask.Response:
    """Return a problem of RFC 9457 with our extensions (DESIGN 5.1)."""
    english, vietnamese = refusals.texts(code)
    body = {
        "type": f"urn:paygate:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": english,
        "instance": flask.request.path,
        "code": code,
        "errors": [each.to_json() for each in fields],
        "message_vi": vietnamese,
        "request_id": request_id(),
        **facts,
    }
    text = json.dumps(body, ensure_ascii=False)
    response = flask.Response(text, status=status, content_type=MEDIA_TYPE)
    response.headers.update(headers)
    if status == 401:  # noqa: PLR2004  # RFC 9110, 11.6.1
        response.headers["WWW-Authenticate"] = "Bearer"
    if code in {"busy", "idempotency_key_running"}:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _refusal(error: errors.PaygateError) -> flask.Response:
    status = STATUSES.get(type(error), 500)
    if isinstance(error, errors.ValueRefusedError):
        return problem(status, "fields_refused", fields=(FieldRefusal("", error.code),))
    if isinstance(error, errors.AmountOffRuleError):
        fields = tuple(
            FieldRefusal(f"/lines/{number}/amount", error.code, lawful)
            for number, lawful in sorted(error.lawful.items())
        )
        return problem(status, error.code, fields=fields)
    if type(error) in PLACES:
        fields = (FieldRefusal(PLACES[type(error)], error.code),)
        return problem(status, error.code, fields=fields, facts=error.facts)
    told = status < 500 or status == NOT_BUILT  # noqa: PLR2004  # RFC 9110, 15.6
    code = error.code if told else "server_error"
    return problem(status, code, facts=error.facts)


def _field_code(pydantic_type: str) -> str:
    if pydantic_type.endswith(("_type", "_parsing")):
        return "field_type"
    return FIELD_CODES.get(pydantic_type, "field_value")


def _pointer(location: tuple[int | str, ...]) -> str:
    """Return the JSON pointer (RFC 6901) of a place in the body, as far as we repeat its names."""
    shown = takewhile(_may_be_shown, map(str, location))
    return "".join("/" + each.replace("~", "~0").replace("/", "~1") for each in shown)


def _may_be_shown(name: str) -> bool:
    """Return whether *name* deceives nobody, and is one of the body's own, not pydantic's."""
    return name.isprintable() and len(name) <= NAME_SHOWN_MAX and name != "[key]"
