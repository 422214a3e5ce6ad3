"""Cases: what we ask of the rail, and how we read its answers."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
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
    broken,
    call_of,
    facts,
    open_session,
    understood,
)
from providers.contract import (
    AnswersQueries,
    Ask,
    Checkout,
    Emulator,
    Provider,
    Report,
    Said,
    ShowQr,
    StartRefusedError,
)

DESCRIPTIONS = (
    "Thanh toán lệ phí cho hồ sơ 000.30.27.H23-220928-0001",
    "Le\u0323\u0302 phi\u0301",
    "a+b&c=d%20e|f;g#h",
    "dòng một\ndòng hai\ttab\x00",
    'hai "dấu nháy" \\ và <thẻ>',
    "dài " * 200,
    "",
)


def a_start_leads_to_a_host_of_the_account(stage: Stage) -> Problems:
    url = open_session(stage.provider, stage.emulator()).url
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


def a_start_is_dated_by_the_clock_of_viet_nam(stage: Stage) -> Problems:
    for hour, minute, second in ((17, 30, 0), (6, 5, 0), (16, 59, 59), (5, 0, 0), (17, 0, 0)):
        at = NOW.replace(hour=hour, minute=minute, second=second)
        moved = replace(CHECKOUT, created_at=at, expires_at=at + timedelta(minutes=15))
        told = stage.rehearsal.started_at(call_of(stage.provider.start(moved)))
        if told != at:
            yield f"{at}: told as {told}"


def every_bank_can_be_chosen_and_no_other(stage: Stage) -> Problems:
    seen = {repr(call_of(stage.provider.start(CHECKOUT)))}
    banks = stage.provider.capabilities.banks
    for bank in banks:
        chosen = replace(CHECKOUT, bank=bank)
        open_session(stage.provider, stage.emulator(), chosen)
        seen.add(repr(call_of(stage.provider.start(chosen))))
    if len(seen) != 1 + len(banks):
        yield "a choice of the citizen is lost on the wire"
    if banks:
        with contextlib.suppress(ValueError):
            stage.provider.start(replace(CHECKOUT, bank="NOBANK"))
            yield "a bank that is not offered was started"


def any_description_can_be_paid_for(stage: Stage) -> Problems:
    for text in DESCRIPTIONS:
        try:
            open_session(stage.provider, stage.emulator(), replace(CHECKOUT, description=text))
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
        open_session(both, stage.emulator(stage.with_keys(OTHER_KEY)))
    except StartRefusedError as error:
        yield f"a rail that knows only the first key answers {error.code}"


def a_refused_start_is_told_as_such(stage: Stage) -> Problems:
    try:
        open_session(stage.provider, stage.emulator(stage.with_keys(OTHER_KEY)))
    except StartRefusedError as error:
        if not error.code:
            yield "no code"
        return
    yield "the rail refused, and we took it for a session"


def half_an_answer_to_a_start_is_no_session(stage: Stage) -> Problems:
    started = stage.provider.start(CHECKOUT)
    if not isinstance(started, Ask):
        return
    good = at_the_rail(stage.emulator(), started.call)
    for what, reply in broken(good):
        seen = understood(started.read, reply)
        if seen is not None:
            yield f"{what}: {seen}"


def a_session_elsewhere_is_refused(stage: Stage) -> Problems:
    started = stage.provider.start(CHECKOUT)
    if not isinstance(started, Ask):
        return
    good = at_the_rail(stage.emulator(), started.call)
    led = started.read(good)
    if isinstance(led, ShowQr):
        return
    there = urlsplit(led.url)
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
        if body != good.body and understood(started.read, replace(good, body=body)) is not None:
            yield f"we would send citizens to {elsewhere!r}"


def the_rail_is_asked_about_the_very_start(stage: Stage) -> Problems:
    for at in (NOW, NOW.replace(hour=6, minute=5)):
        checkout = replace(CHECKOUT, created_at=at, expires_at=at + timedelta(minutes=15))
        for ask, emulator in _asked(stage, checkout):
            seen = understood(ask.read, at_the_rail(emulator, ask.call))
            if seen is None or seen.said is not Said.PENDING:
                yield f"{checkout.created_at}: {seen}"


def half_an_answer_to_a_question_says_nothing(stage: Stage) -> Problems:
    for ask, emulator in _asked(stage):
        for what, reply in broken(at_the_rail(emulator, ask.call)):
            seen = understood(ask.read, reply)
            if seen is not None and seen.said is not Said.UNKNOWN:
                yield f"{what}: {seen.said}"


def an_answer_about_something_else_says_nothing(stage: Stage) -> Problems:
    unit = stage.rehearsal.names.unit
    for ask, emulator in _asked(stage):
        good = at_the_rail(emulator, ask.call)
        for mine, other in (
            (str(CHECKOUT.attempt_ref), f"{REFERENCE[:-1]}0"),
            (f'"{CHECKOUT.amount.dong * unit}"', f'"{5_001 * unit}"'),
        ):
            body = good.body.replace(mine.encode(), other.encode())
            seen = understood(ask.read, replace(good, body=body))
            if body == good.body or (seen is not None and seen.said is not Said.UNKNOWN):
                yield f"{other} for {mine}: {seen}"


CASES: tuple[Case, ...] = (
    a_start_leads_to_a_host_of_the_account,
    a_start_is_the_same_for_ever,
    starts_that_differ_differ_on_the_wire,
    morning_and_evening_differ_on_the_wire,
    a_start_is_dated_by_the_clock_of_viet_nam,
    every_bank_can_be_chosen_and_no_other,
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


def _asked(stage: Stage, checkout: Checkout = CHECKOUT) -> Iterator[tuple[Ask[Report], Emulator]]:
    """Yield the question about an open session, where the rail can be asked at all."""
    if not isinstance(stage.provider, AnswersQueries):
        return
    emulator = stage.emulator()
    open_session(stage.provider, emulator, checkout)
    yield stage.provider.ask_status(facts(checkout)), emulator


def _spoken(provider: Provider, checkout: Checkout) -> tuple[object, ...]:
    """Return all that we say about one attempt."""
    start = call_of(provider.start(checkout))
    if not isinstance(provider, AnswersQueries):
        return (start,)
    return start, provider.ask_status(facts(checkout)).call
