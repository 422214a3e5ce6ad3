"""The table of the API's routes: what each takes, and what it answers, beside its view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

import flask
from pydantic import BaseModel

View = Callable[..., flask.Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of one path below `/v1`, in Flask's words, and what a caller must know of it.

    From this the OpenAPI document is made: *answer* is the body of a success, of which *also*
    names other statuses; *problems* are the codes beside those that every such route can answer.
    """

    method: str
    path: str
    view: View
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = HTTPStatus.OK
    also: tuple[int, ...] = ()
    creates: bool = False  # needs an Idempotency-Key
    versioned: bool = False  # needs If-Match: the version that the caller has seen
    problems: tuple[str, ...] = ()


class Routes:
    """The routes of one resource, in the order of its file."""

    def __init__(self) -> None:
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def at(
        self,
        method: str,
        path: str,
        *,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        answer: type[BaseModel] | None = None,
        status: int = HTTPStatus.OK,
        also: tuple[int, ...] = (),
        creates: bool = False,
        versioned: bool = False,
        problems: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Return the decorator that enters a view into the table."""

        def enter(view: View) -> View:
            route = Route(
                method=method,
                path=path,
                view=view,
                body=body,
                query=query,
                answer=answer,
                status=status,
                also=also,
                creates=creates,
                versioned=versioned,
                problems=problems,
            )
            self._routes.append(route)
            return view

        return enter
