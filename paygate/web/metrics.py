"""`/metrics` for Prometheus: read from the database at each scrape, so every node says the same.

Nothing is counted in the memory of a process: there are several, and the worker has no door.
What grows for ever is shown for the last ten minutes, as a gauge. There is no such page without
`metrics_token`, and without the token it is not found.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from werkzeug.exceptions import NotFound

from paygate.domain.case import CaseKind
from paygate.domain.ids import AccountCode
from paygate.domain.outcome import Outcome
from paygate.domain.payment import LIVE
from paygate.http.context import context
from paygate.services.take_stock import Stock, take_stock
from paygate.store.evidence import MessageKind
from paygate.web.health import WORKER_LEASE

blueprint = flask.Blueprint("metrics", __name__)
NO_ACCOUNT = AccountCode("?")  # messages for an account that we do not have
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,20}")  # what a rail's code may look like in a label
STRANGE = "strange"
Counts = dict[tuple[str, ...], int]
Rows = Iterable[tuple[tuple[str, ...], float]]


@blueprint.get("/metrics")
def metrics() -> flask.Response:
    """Return the figures of this moment to whoever has the token."""
    here = context()
    token = here.config.gateway.metrics_token or ""
    given = flask.request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        raise NotFound
    accounts = (*here.house.merchants, NO_ACCOUNT)
    with here.house.db.read() as tx:
        stock = take_stock(tx, accounts, lease=WORKER_LEASE, now=here.clock.now())
    return flask.Response(exposition(stock, accounts), content_type=CONTENT_TYPE_LATEST)


def exposition(stock: Stock, accounts: Iterable[AccountCode]) -> bytes:
    """Return *stock* as Prometheus reads it; what may be counted is there also when it is 0."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(tuple(_families(stock, tuple(accounts)))))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, families: tuple[GaugeMetricFamily, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield what was put in."""
        yield from self._families


def _families(stock: Stock, accounts: tuple[AccountCode, ...]) -> Iterator[GaugeMetricFamily]:
    yield _gauge(
        "messages_recent",
        "Messages of rails kept in the last 10 minutes; a road `answer` is to a question of ours.",
        ("account", "road", "outcome"),
        _messages(stock, accounts),
    )
    yield _gauge(
        "attempts_live",
        "Attempts to pay that have no end yet.",
        ("account", "state"),
        _live(stock, accounts),
    )
    yield _gauge(
        "unmapped_codes",
        "Live attempts left unknown by a code of the rail that has no meaning here.",
        ("account", "code"),
        _unmapped(stock),
    )
    yield _gauge(
        "cases_open",
        "Open cases for staff.",
        ("kind",),
        _filled(((each,) for each in CaseKind), {(c.kind,): c.number for c in stock.open_cases}),
    )
    deliveries = {"waiting": stock.waiting.number, "held": stock.held.number, "dead": stock.dead}
    yield _gauge(
        "deliveries",
        "Webhooks to portals: waiting, held by an endpoint that is off, or given up.",
        ("state",),
        (((state,), number) for state, number in deliveries.items()),
    )
    states = {each.code: each for each in stock.accounts}
    known = [states[code] for code in accounts if code in states]
    yield _gauge(
        "rail_silences",
        "Times in a row that the rail of the account did not answer.",
        ("account",),
        (((each.code,), each.silences) for each in known),
    )
    yield _gauge(
        "account_resting",
        "1 while citizens are offered another way, since the rail keeps silent.",
        ("account",),
        (((each.code,), each.is_resting(stock.at)) for each in known),
    )
    yield from (_gauge(name, text, (), [((), value)]) for name, text, value in _singles(stock))


def _singles(stock: Stock) -> Iterator[tuple[str, str, float]]:
    oldest = None if stock.oldest_live is None else stock.oldest_live.created_at
    since = stock.seconds_since
    yield (
        "attempt_oldest_live_seconds",
        "Age of the oldest attempt that has no end yet.",
        since(oldest),
    )
    yield (
        "outbox_lag_seconds",
        "Age of the oldest message of which no deliveries were made.",
        since(stock.unaddressed.oldest_at),
    )
    yield (
        "delivery_late_seconds",
        "How long the oldest webhook that is due has been due.",
        since(stock.waiting.oldest_at),
    )
    yield (
        "deliveries_recent",
        "Webhooks that arrived in the last 10 minutes.",
        stock.recent_delivered,
    )
    yield (
        "worker_lease_late_seconds",
        "For how long no worker has acted; +Inf if none ever did.",
        stock.lease_late_s,
    )


def _messages(stock: Stock, accounts: tuple[AccountCode, ...]) -> Rows:
    counted: Counts = {
        (each.account, each.kind, each.outcome): each.number for each in stock.recent_messages
    }
    every = ((a, kind, outcome) for a in accounts for kind in MessageKind for outcome in Outcome)
    return _filled(every, counted)


def _live(stock: Stock, accounts: tuple[AccountCode, ...]) -> Rows:
    counted: Counts = {(each.account, each.payment_state): each.number for each in stock.live}
    ours = (code for code in accounts if code != NO_ACCOUNT)
    return _filled(((code, state) for code in ours for state in LIVE), counted)


def _unmapped(stock: Stock) -> Rows:
    counted: Counter[tuple[str, ...]] = Counter()
    for each in stock.unmapped:
        code = each.code if _CODE.fullmatch(each.code) else STRANGE
        counted[each.account, code] += each.number
    return counted.items()


def _filled(every: Iterable[tuple[str, ...]], counted: Counts) -> Rows:
    """Yield every label with what was counted of it, and what was counted beside."""
    return (dict.fromkeys(every, 0) | counted).items()


def _gauge(name: str, text: str, labels: tuple[str, ...], rows: Rows) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"paygate_{name}", text, labels=labels)
    for values, number in rows:
        family.add_metric([str(each) for each in values], number)
    return family
