"""Cases: what we ask of the rail, and how we read its answers."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.conformance.stage import (
    CHECKOUT,
    NOW,
    OTHER_KEY,
    REFERENCE,
    Case,
    Problems,
    Stage,
    at_the_rail,
    call_of,
    facts,
)
from providers.contract import (
    AnswersQueries,
    Ask,
    BadSignatureError,
    Checkout,
    Emulator,
    HttpReply,
    Provider,
    Redirect,
    Report,
    Said,
    StartRefusedError,
    UnreadableError,
)

T = TypeVar("T")

DESCRIPTIONS = (
    "Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    "Le\u0323\u0302 phi\u0301",
    "a+b&c=d%20e|f;g#h",
    "dòng một\ndòng hai\ttab\x00",
    'hai "dấu nháy" \\ và <thẻ>',
    "dài " * 200,
    "",
)
STATUSES_OF_TROUBLE = (204, 301, 302, 400, 401, 404, 500, 502, 503, 504)
BODIES_OF_TROUBLE = (b"", b"null", b"[]", b"{}", b"OK", b"<html>504</html>", b"\xff\xfe\x00")


def a_start_leads_to_a_host_of_the_account(stage: Stage) -> Problems:
    url = _started(stage.provider, stage.emulator()).url
    if urlsplit(url).netloc not in stage.provider.redirect_hosts:
        yield f"{url} is none of {sorted(stage.provider.redirect_hosts)}"


def a_start_is_the_same_for_ever(stage: Stage) -> Problems:
    again = stage.rail.build(stage.rehearsal.values)
    if len({repr(call_of(each.start(CHECKOUT))) for each in (stage.provider, again)}) != 1:
        yield "two starts of one checkout differ"


def starts_that_differ_differ_on_the_wire(stage: Stage) -> Problems:
    first = call_of(stage.provider.start(CHECKOUT))
    others = {
        "the last character of the reference": replace(
            CHECKOUT, attempt_ref=AttemptRef(f"{REFERENCE[:-1]}0")
        ),
        "one dong": replace(CHECKOUT, amount=CHECKOUT.amount + Money(1)),
    }
    for what, checkout in others.items():
        if call_of(stage.provider.start(checkout)) == first:
            yield f"{what} is lost"


def morning_and_evening_differ_on_the_wire(stage: Stage) -> Problems:
    """Speak at 01:05 and 13:05, which a 12-hour clock writes alike."""
    for hour in range(12):
        early = replace(CHECKOUT, created_at=NOW.replace(hour=hour))
        late = replace(early, created_at=early.created_at + timedelta(hours=12))
        if _spoken(stage.provider, early) == _spoken(stage.provider, late):
            yield f"{early.created_at:%H:%M} and twelve hours later are one"


def any_description_can_be_paid_for(stage: Stage) -> Problems:
    for text in DESCRIPTIONS:
        try:
            _started(stage.provider, stage.emulator(), replace(CHECKOUT, description=text))
        except (StartRefusedError, ValueError) as error:
            yield f"{text[:20]!r}: {error!r}"


def an_amount_that_cannot_be_paid_starts_nothing(stage: Stage) -> Problems:
    limits = stage.provider.capabilities
    for amount in (Money(0), Money(-1), limits.minimum - Money(1), limits.maximum + Money(1)):
        try:
            stage.provider.start(replace(CHECKOUT, amount=amount))
        except ValueError:
            continue
        yield f"{amount} was started"


def the_first_key_signs(stage: Stage) -> Problems:
    both = stage.rail.build(stage.with_keys(OTHER_KEY, stage.key))
    try:
        _started(both, stage.emulator(stage.with_keys(OTHER_KEY)))
    except StartRefusedError as error:
        yield f"a rail that knows only the first key answers {error.code}"


def a_refused_start_is_told_as_such(stage: Stage) -> Problems:
    try:
        _started(stage.provider, stage.emulator(stage.with_keys(OTHER_KEY)))
    except StartRefusedError as error:
        if not error.code:
            yield "no code"
        return
    yield "the rail refused, and we took it for a session"


def half_an_answer_to_a_start_is_no_session(stage: Stage) -> Problems:
    started = stage.provider.start(CHECKOUT)
    if isinstance(started, Redirect):
        return
    good = at_the_rail(stage.emulator(), started.call)
    for what, reply in _broken(good):
        seen = _read(started.read, reply)
        if seen is not None:
            yield f"{what}: {seen}"


def a_session_elsewhere_is_refused(stage: Stage) -> Problems:
    started = stage.provider.start(CHECKOUT)
    if isinstance(started, Redirect):
        return
    good = at_the_rail(stage.emulator(), started.call)
    there = urlsplit(started.read(good).url)
    home = f"{there.scheme}://{there.netloc}"
    for elsewhere in (
        "https://evil.example",
        f"{home}.evil.example",
        f"{home}@evil.example",
        f"{there.scheme}://evil@{there.netloc}",
        f"https://evil.example/{there.netloc}",
        f"http://{there.netloc}" if there.scheme == "https" else "ftp://evil.example",
        f"//{there.netloc}",
        "javascript:alert(1)//",
        f"{home}:444",
        "",
    ):
        body = good.body.replace(home.encode(), elsewhere.encode())
        if body != good.body and _read(started.read, replace(good, body=body)) is not None:
            yield f"we would send citizens to {elsewhere!r}"


def the_rail_is_asked_about_the_very_start(stage: Stage) -> Problems:
    for checkout in (CHECKOUT, replace(CHECKOUT, created_at=NOW.replace(hour=6, minute=5))):
        for ask, emulator in _asked(stage, checkout):
            seen = _read(ask.read, at_the_rail(emulator, ask.call))
            if seen is None or seen.said is not Said.PENDING:
                yield f"{checkout.created_at}: {seen}"


def half_an_answer_to_a_question_says_nothing(stage: Stage) -> Problems:
    for ask, emulator in _asked(stage):
        for what, reply in _broken(at_the_rail(emulator, ask.call)):
            seen = _read(ask.read, reply)
            if seen is not None and seen.said is not Said.UNKNOWN:
                yield f"{what}: {seen.said}"


def an_answer_about_something_else_says_nothing(stage: Stage) -> Problems:
    for ask, emulator in _asked(stage):
        good = at_the_rail(emulator, ask.call)
        for mine, other in (
            (str(CHECKOUT.attempt_ref), f"{REFERENCE[:-1]}0"),
            (f'"{CHECKOUT.amount.dong}"', '"5001"'),
        ):
            body = good.body.replace(mine.encode(), other.encode())
            seen = _read(ask.read, replace(good, body=body))
            if body == good.body or (seen is not None and seen.said is not Said.UNKNOWN):
                yield f"{other} for {mine}: {seen}"


CASES: tuple[Case, ...] = (
    a_start_leads_to_a_host_of_the_account,
    a_start_is_the_same_for_ever,
    starts_that_differ_differ_on_the_wire,
    morning_and_evening_differ_on_the_wire,
    any_description_can_be_paid_for,
    an_amount_that_cannot_be_paid_starts_nothing,
    the_first_key_signs,
    a_refused_start_is_told_as_such,
    half_an_answer_to_a_start_is_no_session,
    a_session_elsewhere_is_refused,
    the_rail_is_asked_about_the_very_start,
    half_an_answer_to_a_question_says_nothing,
    an_answer_about_something_else_says_nothing,
)


def _started(provider: Provider, emulator: Emulator, checkout: Checkout = CHECKOUT) -> Redirect:
    started = provider.start(checkout)
    if isinstance(started, Redirect):
        return started
    return started.read(at_the_rail(emulator, started.call))


def _asked(stage: Stage, checkout: Checkout = CHECKOUT) -> Iterator[tuple[Ask[Report], Emulator]]:
    """Yield the question about an open session, where the rail can be asked at all."""
    if not isinstance(stage.provider, AnswersQueries):
        return
    emulator = stage.emulator()
    _started(stage.provider, emulator, checkout)
    yield stage.provider.ask_status(facts(checkout)), emulator


def _spoken(provider: Provider, checkout: Checkout) -> tuple[object, ...]:
    """Return all that we say about one attempt."""
    start = call_of(provider.start(checkout))
    if not isinstance(provider, AnswersQueries):
        return (start,)
    return start, provider.ask_status(facts(checkout)).call


def _read(reader: Callable[[HttpReply], T], reply: HttpReply) -> T | None:
    try:
        return reader(reply)
    except (BadSignatureError, UnreadableError, StartRefusedError):
        return None


def _broken(good: HttpReply) -> Iterator[tuple[str, HttpReply]]:
    for length in range(len(good.body)):
        yield f"{length} bytes of it", replace(good, body=good.body[:length])
    for status in STATUSES_OF_TROUBLE:
        yield f"status {status}", replace(good, status=status)
    for body in BODIES_OF_TROUBLE:
        yield f"{body!r}", replace(good, body=body)
    yield "twice", replace(good, body=good.body * 2)
