"""What is well and what is not, judged from the figures: each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode
from paygate.services.take_stock import Stock

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400
GIB = 1 << 30
CLOCK_WARN, CLOCK_FAIL = timedelta(seconds=2), timedelta(seconds=30)
DISK_WARN, DISK_FAIL = 2 * GIB, GIB // 4
ADMINS_MIN = 2  # one proposes, the other approves


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One thing that was looked at; *do* says what to do where it is not well."""

    name: str
    verdict: Verdict
    says: str
    do: str = ""


def judge_clock(ahead: timedelta) -> Judged:
    """Judge by how much this machine's clock is ahead of the database's."""
    off = abs(ahead)
    verdict = Verdict.OK
    if off > CLOCK_WARN:
        verdict = Verdict.FAIL if off > CLOCK_FAIL else Verdict.WARN
    says = f"{off.total_seconds():.1f} s from the database's"
    return Judged(name="clock", verdict=verdict, says=says, do="keep both by NTP")


def judge_disk(free: int) -> Judged:
    """Judge the bytes that are free beside the SQLite database."""
    verdict = Verdict.OK
    if free < DISK_WARN:
        verdict = Verdict.FAIL if free < DISK_FAIL else Verdict.WARN
    do = "make room: what cannot be stored is not acknowledged"
    return Judged(name="disk", verdict=verdict, says=f"{free / GIB:.1f} GiB free", do=do)


def judge_tables(revision: str | None, newest: str) -> Judged:
    """Judge whether the tables are those of this version."""
    if revision == newest:
        return Judged(name="tables", verdict=Verdict.OK, says=f"at {newest}")
    do = "run paygate db upgrade; if they are newer, run the newer paygate"
    says = f"at {revision}, this version wants {newest}"
    return Judged(name="tables", verdict=Verdict.FAIL, says=says, do=do)


def judge_calendar(year: int, *, loaded: bool) -> Judged:
    """Judge whether anything was loaded of the working days of *year*, by the clock of Viet Nam."""
    if loaded:
        return Judged(name="calendar", verdict=Verdict.OK, says=f"{year} is loaded")
    return Judged(
        name="calendar",
        verdict=Verdict.WARN,
        says=f"no day of {year} was loaded, so every Monday to Friday counts as a working day",
        do=f"run paygate calendar import FILE with the notice of days off of {year}",
    )


def judge_admins(number: int) -> Judged:
    """Judge whether there are two admins who can log in, as approving needs (DESIGN 2.16)."""
    if number >= ADMINS_MIN:
        return Judged(name="admins", verdict=Verdict.OK, says=f"{number} have a login")
    some = "one has a login" if number else "none has a login"
    return Judged(
        name="admins",
        verdict=Verdict.WARN,
        says=f"{some}: roles and resets hold without a second person",
        do="run paygate staff add EMAIL --name N --role admin, and have its link opened",
    )


def judge_stock(stock: Stock) -> Iterator[Judged]:
    """Judge what the book and its queues say."""
    yield _worker(stock)
    yield _oldest(stock)
    for code in stock.unmapped:
        yield Judged(
            name="codes",
            verdict=Verdict.WARN,
            says=f"{code.account} says {code.code!r}, unknown here, of {code.number} attempts",
            do="ask the rail what it means, and give it a meaning",
        )
    lag = stock.seconds_since(stock.unaddressed.oldest_at)
    yield _by_age("outbox", "the oldest message waits", lag, MINUTE_S, 10 * MINUTE_S)
    late = stock.seconds_since(stock.waiting.oldest_at)
    yield _by_age("deliveries", "the latest delivery is due since", late, 5 * MINUTE_S, HOUR_S)
    if stock.held.number:
        yield Judged(
            name="held",
            verdict=Verdict.WARN,
            says=f"{stock.held.number} deliveries wait for an endpoint that is off",
            do="tell the portal: they are sent when it is on again",
        )
    if stock.dead:
        yield Judged(
            name="dead",
            verdict=Verdict.WARN,
            says=f"{stock.dead} deliveries were given up",
            do="tell the portal: it can read its orders, and have messages sent again",
        )
    for case in stock.open_cases:
        age = stock.seconds_since(case.oldest_at)
        yield Judged(
            name="cases",
            verdict=Verdict.WARN,
            says=f"{case.number} open: {case.kind}, the oldest for {span(age)}",
            do="staff decide",
        )
    if not stock.open_cases:
        yield Judged(name="cases", verdict=Verdict.OK, says="none open")


def judge_account(stock: Stock, code: AccountCode, cautions: list[str]) -> Iterator[Judged]:
    """Judge one configured account: what it does without, and whether its rail answers."""
    name = f"account {code}"
    state = next((each for each in stock.accounts if each.code == code), None)
    silences = 0 if state is None else state.silences
    if silences:
        rests = state is not None and state.is_resting(stock.at)
        says = f"its rail was silent {silences} times in a row" + (", and rests" if rests else "")
        yield Judged(
            name=name, verdict=Verdict.WARN, says=says, do=f"run paygate account check {code}"
        )
    for each in cautions:
        yield Judged(name=name, verdict=Verdict.WARN, says=each, do="ask the rail, and fill it in")
    if not (silences or cautions):
        yield Judged(name=name, verdict=Verdict.OK, says="built")


def _worker(stock: Stock) -> Judged:
    do = "start paygate worker, and look at its log"
    if stock.lease is None:
        return Judged(name="worker", verdict=Verdict.FAIL, says="none has ever acted", do=do)
    late = stock.lease_late_s
    if late == 0:
        return Judged(name="worker", verdict=Verdict.OK, says="acts")
    verdict = Verdict.FAIL if late > MINUTE_S else Verdict.WARN
    return Judged(name="worker", verdict=verdict, says=f"none has acted for {span(late)}", do=do)


def _oldest(stock: Stock) -> Judged:
    oldest = stock.oldest_live
    if oldest is None:
        return Judged(name="attempts", verdict=Verdict.OK, says="all have an end")
    age = stock.seconds_since(oldest.created_at)
    verdict = Verdict.OK
    if age > HOUR_S:
        # After a week nobody asks any more (DESIGN 2.13).
        verdict = Verdict.FAIL if age > 7 * DAY_S else Verdict.WARN
    code = spaced(oldest.order_code)
    says = f"the oldest without an end is {span(age)} old: {code} at {oldest.account}"
    do = f"run paygate order show {code}, and ask the rail"
    return Judged(name="attempts", verdict=verdict, says=says, do=do)


def _by_age(name: str, what: str, age_s: float, warn_s: int, fail_s: int) -> Judged:
    if age_s == 0:
        return Judged(name=name, verdict=Verdict.OK, says="nothing waits")
    verdict = Verdict.OK
    if age_s > warn_s:
        verdict = Verdict.FAIL if age_s > fail_s else Verdict.WARN
    says = f"{what} {span(age_s)}"
    return Judged(name=name, verdict=verdict, says=says, do="look at the worker's log")


def span(seconds: float) -> str:
    """Write a length of time in its largest unit."""
    for unit, name in ((DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "min")):
        if seconds >= 2 * unit:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"
