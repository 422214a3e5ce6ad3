"""What a case works with: one rail at work, its emulator, and callbacks made to order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    BadSignatureError,
    Checkout,
    Emulator,
    EmulatorPlace,
    Errand,
    Fields,
    HttpCall,
    HttpReply,
    Provider,
    Rail,
    Redirect,
    Rehearsal,
    Report,
    Sample,
    ShowQr,
    StartRefusedError,
    UnreadableError,
    Values,
    Visit,
)

T = TypeVar("T")

NOW = datetime(2022, 9, 28, 3, 15, 0, tzinfo=UTC)  # 10:15 in Viet Nam
REFERENCE = AttemptRef("7K3M92QFX0WJ4RTN8VZB")
FEE = Money(5_000)
GATEWAY = "https://gateway.example"
OTHER_KEY = "another-key-000000000000000000000"

SAMPLE = Sample(attempt_ref=REFERENCE, amount=FEE, code="", rail_txn="220928000123", paid_at=NOW)
CHECKOUT = Checkout(
    attempt_ref=REFERENCE,
    amount=FEE,
    description="Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    dossier_code="000.30.27.H23-220928-0001",
    bank=None,
    language="vi",
    return_url=f"{GATEWAY}/return/abc",
    client_ip="203.0.113.7",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=15),
)

STATUSES_OF_TROUBLE = (204, 301, 302, 400, 401, 404, 500, 502, 503, 504)
BODIES_OF_TROUBLE = (b"", b"null", b"[]", b"{}", b"OK", b"<html>504</html>", b"\xff\xfe\x00")

AS_IT_IS: Mapping[str, str] = MappingProxyType({})

Problems = Iterator[str]
Case = Callable[["Stage"], Problems]


@dataclass(frozen=True, slots=True)
class Stage:
    """One rail on trial."""

    rail: Rail
    rehearsal: Rehearsal
    provider: Provider

    @classmethod
    def of(cls, rail: Rail) -> Stage:
        """Return a fresh stage for *rail*."""
        rehearsal = rail.rehearse()
        return cls(rail, rehearsal, rail.build(rehearsal.values))

    @property
    def key(self) -> str:
        return self.rehearsal.values[self.rehearsal.key_name][0]

    @property
    def forms(self) -> tuple[str, ...]:
        return self.rehearsal.forms

    def with_keys(self, *keys: str) -> Values:
        return {**self.rehearsal.values, self.rehearsal.key_name: keys}

    def sample(self, code: str | None = None) -> Sample:
        """Return the sample with that *code*, or with the first documented one."""
        return replace(SAMPLE, code=next(iter(self.rehearsal.meanings)) if code is None else code)

    def unsigned(
        self, sample: Sample | None = None, changed: Mapping[str, str] = AS_IT_IS
    ) -> Fields:
        """Return a callback without signature, with the fields of these names *changed*."""
        fields = self.rehearsal.callback(self.sample() if sample is None else sample)
        return tuple((name, changed.get(name, value)) for name, value in fields)

    def signed(self, sample: Sample | None = None, changed: Mapping[str, str] = AS_IT_IS) -> Fields:
        """Return a callback that the rail itself could have sent."""
        return self.rehearsal.sign(self.unsigned(sample, changed), self.key)

    def arrival(self, fields: Fields, form: str, at: datetime = NOW) -> Arrival:
        return self.rehearsal.arrival(fields, form=form, at=at)

    def emulator(self, values: Values | None = None) -> Emulator:
        place = EmulatorPlace(
            base_url="https://wallet.example",
            callback_url=f"{GATEWAY}/webhooks/x",
            return_url=f"{GATEWAY}/return/x",
        )
        return self.rail.emulate(self.rehearsal.values if values is None else values, place)


def read(provider: Provider, arrival: Arrival) -> list[Report] | str:
    """Return what *provider* reads, or the name of the refusal."""
    try:
        return provider.read_callback(arrival)
    except BadSignatureError:
        return "bad signature"
    except UnreadableError:
        return "unreadable"


def at_the_rail(emulator: Emulator, call: HttpCall, at: datetime = NOW) -> HttpReply:
    """Carry *call* to the emulator by hand; ConnectionError where it hangs up."""
    parts = urlsplit(call.url)
    visit = emulator.visit(
        Arrival(
            call.method,
            parts.path,
            parts.query.encode(),
            tuple(call.headers.items()),
            call.body,
            at,
        )
    )
    if visit.reply is None:
        raise ConnectionError("the emulator hung up")
    return visit.reply


def call_of(started: Redirect | ShowQr | Ask[Redirect | ShowQr]) -> HttpCall:
    """Return what a start sends: our call, that of the citizen's browser, or what an app scans."""
    match started:
        case Redirect():
            return visit_to(started.url)
        case ShowQr():
            return visit_to(f"qr:{started.payload}")
        case Ask():
            return started.call


def visit_to(url: str) -> HttpCall:
    """Return what a browser sends when it follows *url*."""
    return HttpCall("GET", url, {}, b"")


def open_session(provider: Provider, emulator: Emulator, checkout: Checkout = CHECKOUT) -> Redirect:
    """Start *checkout* and bring it to the rail, be it by our call or by the citizen's browser.

    Raises:
        StartRefusedError: the rail opens no session.
        LookupError: it shows a code; no emulator of such a rail is played yet.
    """
    started = provider.start(checkout)
    if isinstance(started, Ask):
        started = started.read(at_the_rail(emulator, started.call))
        if isinstance(started, Redirect):
            return started
    if isinstance(started, ShowQr):
        raise LookupError("a code has no page to open")  # noqa: TRY004  # no wrong type: not played
    page = at_the_rail(emulator, call_of(started))
    if page.status != HTTPStatus.OK:
        raise StartRefusedError(f"a page with status {page.status}")
    return started


def press(emulator: Emulator, url: str, action: str) -> Visit:
    """Press the button *action* of the hosted page at *url*, as a browser does."""
    form = _Form()
    form.feed(at_the_rail(emulator, visit_to(url)).body.decode())
    if action not in form.actions:
        raise ValueError(f"the hosted page has no button {action}")
    body = urlencode({"action": action}).encode()
    path = urlsplit(urljoin(url, form.address)).path
    return emulator.visit(Arrival("POST", path, b"", (), body, NOW))


def carried(errand: Errand) -> Arrival:
    """Return the emulator's call as it arrives at our door."""
    call, parts = errand.call, urlsplit(errand.call.url)
    headers = tuple(call.headers.items())
    return Arrival(call.method, parts.path, parts.query.encode(), headers, call.body, NOW)


def understood(reader: Callable[[HttpReply], T], reply: HttpReply) -> T | None:
    """Return what *reader* makes of *reply*, None where it refuses it."""
    try:
        return reader(reply)
    except (BadSignatureError, UnreadableError, StartRefusedError):
        return None


def broken(good: HttpReply) -> Iterator[tuple[str, HttpReply]]:
    """Yield what may come instead of a *good* answer, each with its name."""
    for length in range(len(good.body)):
        yield f"{length} bytes of it", replace(good, body=good.body[:length])
    for status in STATUSES_OF_TROUBLE:
        yield f"status {status}", replace(good, status=status)
    for body in BODIES_OF_TROUBLE:
        yield f"{body!r}", replace(good, body=body)
    yield "twice", replace(good, body=good.body * 2)


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self.actions: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.address = told.get("action") or ""
        if told.get("name") == "action":
            self.actions.append(told.get("value") or "")


def facts(checkout: Checkout, *, asked_at: datetime | None = None) -> AttemptFacts:
    """Return what we know of the attempt of *checkout* a while later."""
    return AttemptFacts(
        attempt_ref=checkout.attempt_ref,
        amount=checkout.amount,
        created_at=checkout.created_at,
        asked_at=asked_at or checkout.created_at + timedelta(minutes=5),
    )
