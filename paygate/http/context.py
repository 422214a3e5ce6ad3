"""What a request may use, typed: the one place that asks Flask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import flask

from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.clock import Clock
from paygate.domain.ids import Ids
from paygate.house import House
from paygate.http.meter import Meter

_NAME = "paygate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The house, its settings, its clock and its maker of names."""

    house: House
    config: Config
    clock: Clock
    ids: Ids
    meter: Meter = field(default_factory=Meter)


def install(app: flask.Flask, context: Context) -> None:
    """Let the requests of *app* use *context*."""
    app.extensions[_NAME] = context


def context() -> Context:
    """Return what the running request may use."""
    found = flask.current_app.extensions[_NAME]  # noqa: TID251  # the one place
    assert isinstance(found, Context)  # noqa: S101  # for the type checker: install() put it there
    return found


def begin_act(actor: str) -> Act:
    """Return an act of *actor*, now, through the route that is running."""
    here = context()
    return Act(
        now=here.clock.now(),
        actor=actor,
        via=f"{flask.request.method} {flask.request.url_rule}",
        request_id=request_id(),
        ids=here.ids,
    )


def request_id() -> str:
    """Return the id of the running request, which its answer and its log lines carry."""
    if "request_id" not in flask.g:
        here = context()
        flask.g.request_id = here.ids.new("req", here.clock.now())
    return str(flask.g.request_id)
