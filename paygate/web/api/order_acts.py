"""What a portal can do to an order it issued: cancel, ask the rail, change (DESIGN 5.1)."""

from __future__ import annotations

import re
from http import HTTPStatus

import flask
import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.http.api import json_answer, read_json
from paygate.http.auth import authenticated_portal
from paygate.http.context import begin_act, context
from paygate.http.problems import VersionMissingError
from paygate.services.cancel_order import ask_cancel
from paygate.services.change_order import ChangesWanted, change_order
from paygate.services.sync_order import sync_order
from paygate.store.orders import FeeOrder
from paygate.store.portals import Portal
from paygate.web.api.order_in import ChangesIn
from paygate.web.api.out import OrderOut
from paygate.web.api.own import order_of
from paygate.web.api.routes import Routes
from paygate.web.order_json import order_json, version_tag

routes = Routes()
_VERSION = re.compile(r'"?([1-9][0-9]{0,8})"?')


@routes.at(
    "POST",
    "/orders/<order_id>/cancel",
    answer=OrderOut,
    also=(HTTPStatus.ACCEPTED,),
    problems=("order_not_found", "order_paid"),
)
def cancel_order(order_id: str) -> flask.Response:
    """Cancel the order: 200 when it is over, 202 while the rails of live attempts are asked.

    The rails are given ten seconds. An order that ended unpaid before stays as it is.
    """
    portal = authenticated_portal()
    act = _act_of(portal)

    def cancel(tx: sa.Connection) -> tuple[dict[str, object], bool]:
        order = ask_cancel(tx, act, order_of(tx, portal, order_id).id)
        return _json(tx, order), order.is_cancelling

    body, waits = context().house.db.act(cancel)
    return json_answer(body, status=HTTPStatus.ACCEPTED if waits else HTTPStatus.OK)


@routes.at(
    "POST",
    "/orders/<order_id>/sync",
    answer=OrderOut,
    status=HTTPStatus.ACCEPTED,
    problems=("order_not_found",),
)
def ask_rails(order_id: str) -> flask.Response:
    """Have the rails asked about every attempt of the order, whatever its state.

    The answer is the order as it stands; what the rails say comes as a webhook, or by reading
    again. A rail is asked at most once in ten seconds.
    """
    portal = authenticated_portal()
    act = _act_of(portal)

    def sync(tx: sa.Connection) -> dict[str, object]:
        return _json(tx, sync_order(tx, act, order_of(tx, portal, order_id).id))

    return json_answer(context().house.db.act(sync), status=HTTPStatus.ACCEPTED)


@routes.at(
    "PATCH",
    "/orders/<order_id>",
    body=ChangesIn,
    answer=OrderOut,
    versioned=True,
    problems=("order_not_found", "version_differs"),
)
def patch_order(order_id: str) -> flask.Response:
    """Change the refund account, the metadata, or both, of the version that was looked at."""
    portal = authenticated_portal()
    version = _version()
    body, act = read_json(ChangesIn), _act_of(portal)
    return _changed(portal, act, order_id, body.to_wanted(version))


def _changed(portal: Portal, act: Act, order_id: str, wanted: ChangesWanted) -> flask.Response:
    here = context()

    def change(tx: sa.Connection) -> tuple[dict[str, object], FeeOrder]:
        known = order_of(tx, portal, order_id)
        order = change_order(tx, act, here.house.vault, known.id, wanted)
        return _json(tx, order), order

    body, order = here.house.db.act(change)
    return json_answer(body, headers={"ETag": version_tag(order)})


def _version() -> int:
    """Return the version that `If-Match` names (RFC 9110, 13.1.1).

    Raises:
        VersionMissingError: the header is missing, or names no version (RFC 6585, 3).
    """
    found = _VERSION.fullmatch(flask.request.headers.get("If-Match", "").strip())
    if found is None:
        raise VersionMissingError
    return int(found[1])


def _act_of(portal: Portal) -> Act:
    return begin_act(f"portal:{portal.id}")


def _json(tx: sa.Connection, order: FeeOrder) -> dict[str, object]:
    return order_json(tx, order, base_url=context().config.gateway.base_url)
