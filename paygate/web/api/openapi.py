"""The API's description, OpenAPI 3.1, made of the table of its routes and pydantic's schemas."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from paygate.domain import errors
from paygate.http import problems
from paygate.http.api import json_answer
from paygate.http.auth import authenticated_portal
from paygate.http.context import context
from paygate.web.api.out import DocumentOut, OrderOut, ProblemOut
from paygate.web.api.routes import Route

Json = dict[str, Any]
PATH = "/openapi.json"
_REF = "#/components/schemas/{model}"
_ARGUMENT = re.compile(r"<([a-z_]+)>")
_ERRORS = set(problems.STATUSES) - {errors.ValueRefusedError}
# The status of each code that a problem can carry; the first are those of HTTP itself.
CODES: dict[str, int] = {
    **{code: status for status, code in problems.HTTP_CODES.items()},
    **{code: status for status, code in problems.DOOR_STATUSES.values()},
    **{each.code: problems.STATUSES[each] for each in _ERRORS},
}
EVERYWHERE = (
    "not_authenticated",
    "request_malformed",
    "too_many_requests",
    "server_error",
    "busy",
)
WITH_BODY = ("json_malformed", "body_too_large", "content_type_not_json", "fields_refused")
CREATING = ("idempotency_key_missing", "idempotency_key_reused", "idempotency_key_running")
VERSION = {"type": "string", "pattern": '^"?[1-9][0-9]{0,8}"?$'}
MEANINGS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "How to authenticate."},
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "Seconds to wait."},
}


def described(others: Iterable[Route]) -> tuple[Route, ...]:
    """Return *others* and the route that describes them all, itself included."""

    def read_openapi() -> flask.Response:
        """Return this description (OpenAPI 3.1)."""
        authenticated_portal()
        return json_answer(whole(context().config.gateway.base_url))

    # Made at the first question: whoever asks for no description pays for none.
    @cache
    def whole(base_url: str) -> Json:
        return document(routes, base_url=base_url)

    route = Route(method="GET", path=PATH, view=read_openapi, answer=DocumentOut)
    routes = (*others, route)
    return routes


def document(routes: Iterable[Route], *, base_url: str) -> Json:
    """Return the description of *routes* as the gateway at *base_url* answers them."""
    told = tuple(routes)
    models = {each for route in told for each in (route.body, route.query, route.answer) if each}
    named = sorted(models | {ProblemOut}, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in named], ref_template=_REF
    )
    schemas = _without_empty_defaults(definitions["$defs"])
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in told:
        where = "/v1" + _ARGUMENT.sub(r"{\1}", route.path)
        paths[where][route.method.lower()] = _operation(route, schemas)
    for model in {route.query for route in told if route.query}:
        del schemas[model.__name__]  # its fields are parameters
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "paygate",
            "version": version("paygate"),
            "description": "Fee orders for dossiers, and what became of them.",
        },
        "servers": [{"url": base_url}],
        "security": [{"key": []}],
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The portal's API key.",
                }
            },
        },
    }


def _without_empty_defaults(value: Any) -> Any:  # noqa: ANN401  # any part of a schema
    """Return a schema without `default: null`: what is not given says so already."""
    if isinstance(value, list):
        return [_without_empty_defaults(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_empty_defaults(each)
        for name, each in value.items()
        if not (name == "default" and each is None)
    }


def _operation(route: Route, schemas: Json) -> Json:
    made: Json = {
        "operationId": route.view.__name__,
        "summary": (route.view.__doc__ or "").partition("\n")[0],
        "tags": [route.path.split("/")[1]],
        "parameters": [*_arguments(route), *_headers(route), *_queries(route, schemas)],
        "responses": {**_successes(route), **_refusals(route)},
    }
    if route.body is not None:
        content = {"application/json": {"schema": _ref(route.body)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _arguments(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _ARGUMENT.findall(route.path)
    ]


def _headers(route: Route) -> list[Json]:
    found = []
    if route.creates:
        found.append(
            _header(
                "Idempotency-Key",
                "Yours: the same key and body get the same answer again.",
                {"type": "string", "pattern": "^[!-~]{1,255}$"},
            )
        )
    if route.versioned:
        found.append(_header("If-Match", "The version that you have seen.", VERSION))
    return found


def _header(name: str, meaning: str, schema: Json) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": meaning,
        "schema": schema,
    }


def _queries(route: Route, schemas: Json) -> list[Json]:
    if route.query is None:
        return []
    model = schemas[route.query.__name__]
    required = model.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _of_a_query(schema)}
        for name, schema in model["properties"].items()
    ]


def _of_a_query(schema: Json) -> Json:
    """Return *schema* without its null, which no query can say."""
    given = {name: value for name, value in schema.items() if name not in {"anyOf", "title"}}
    for each in schema.get("anyOf", ()):
        if each != {"type": "null"}:
            given |= each
    return given


def _successes(route: Route) -> Json:
    if route.status >= HTTPStatus.BAD_REQUEST:
        return {}  # a route that is announced and not built
    answers = {}
    for status in (route.status, *route.also):
        headers = {"X-Request-Id": _told("The id of this request in our log.", required=True)}
        if route.creates:
            headers["Idempotent-Replayed"] = _told("`true` when this was answered before.")
        if status == HTTPStatus.CREATED:
            headers["Location"] = _told("Where to read what was made.", required=True)
        answer: Json = {"description": HTTPStatus(status).phrase, "headers": headers}
        if route.answer is OrderOut:
            headers["ETag"] = _told("The order's version, for If-Match.")
        if route.answer is not None:
            answer["content"] = {"application/json": {"schema": _ref(route.answer)}}
        answers[str(status)] = answer
    return answers


def _refusals(route: Route) -> Json:
    """Return the answer of every status with the codes that it can carry on this route."""
    by_status: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(_codes(route)):
        by_status[CODES[code]].append(code)
    return {str(status): _refusal(status, codes) for status, codes in sorted(by_status.items())}


def _codes(route: Route) -> Iterable[str]:
    yield from EVERYWHERE
    if "<" in route.path:
        yield "not_found"
    if route.body is not None:
        yield from WITH_BODY
    if route.query is not None:
        yield "fields_refused"
    if route.creates:
        yield from CREATING
    if route.versioned:
        yield "version_missing"
    yield from route.problems


def _refusal(status: int, codes: list[str]) -> Json:
    headers = {"X-Request-Id": _told("The id of this request in our log.", required=True)}
    for name, meaning in MEANINGS.get(HTTPStatus(status), {}).items():
        headers[name] = _told(meaning, required=True)
    schema = {"allOf": [_ref(ProblemOut), {"properties": {"code": {"enum": codes}}}]}
    return {
        "description": " or ".join(codes),
        "headers": headers,
        "content": {problems.MEDIA_TYPE: {"schema": schema}},
    }


def _told(meaning: str, *, required: bool = False) -> Json:
    return {"description": meaning, "required": required, "schema": {"type": "string"}}


def _ref(model: type[BaseModel]) -> Json:
    return {"$ref": _REF.format(model=model.__name__)}
