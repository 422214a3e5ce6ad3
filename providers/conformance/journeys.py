"""Cases: whole ways of a payment, from the start over the hosted page to the callback."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

from datetime import timedelta

from providers.conformance.stage import (
    CHECKOUT,
    NOW,
    Case,
    Problems,
    Stage,
    at_the_rail,
    carried,
    facts,
    open_session,
    press,
    read,
    understood,
)
from providers.contract import AnswersQueries, Emulator, Report, Said

LATER = NOW + timedelta(minutes=5)


def what_is_paid_is_told_as_it_was_started(stage: Stage) -> Problems:
    emulator, told = _pressed(stage, "pay")
    want = (CHECKOUT.attempt_ref, CHECKOUT.amount, Said.PAID)
    for report in (*told, *_asked(stage, emulator)):
        if (report.attempt_ref, report.amount, report.said) != want:
            yield f"{report}"
        if report.rail_txn is None or not NOW - timedelta(days=1) < report.paid_at <= LATER:
            yield f"{report.rail_txn} at {report.paid_at}"
    if len({(each.rail_txn, each.paid_at) for each in (*told, *_asked(stage, emulator, 2))}) != 1:
        yield "the callback and the answer name different money"


def another_amount_is_told_as_it_came(stage: Stage) -> Problems:
    """Let the rail take more than we asked for: neither road may say that all is well."""
    emulator, told = _pressed(stage, "wrong_amount")
    if [each.said for each in told] != [Said.PAID]:
        yield f"the callback says {told}"
    for report in (*told, *_asked(stage, emulator)):
        if report.said is Said.PAID and report.amount == CHECKOUT.amount:
            yield "another amount is told as ours"


def two_payments_have_two_names(stage: Stage) -> Problems:
    _, told = _pressed(stage, "pay_twice")
    if len({each.collection_key for each in told}) != len(told) or len(told) == 1:
        yield f"{[each.collection_key for each in told]}"


def who_has_not_paid_is_never_paid(stage: Stage) -> Problems:
    for action in ("decline", "abandon", "delay", "forge_callback"):
        emulator = stage.emulator()
        url = open_session(stage.provider, emulator).url
        visit = press(emulator, url, action)
        told = [
            report
            for errand in (*visit.before, *visit.after)
            if errand.after_s == 0
            for reports in [read(stage.provider, carried(errand))]
            if not isinstance(reports, str)
            for report in reports
        ]
        for report in (*told, *_asked(stage, emulator, 0)):
            if report.said is Said.PAID:
                yield f"{action}: {report}"
        if action == "decline" and [each.said for each in told] != [Said.FAILED]:
            yield f"{action}: told as {told}"


CASES: tuple[Case, ...] = (
    what_is_paid_is_told_as_it_was_started,
    another_amount_is_told_as_it_came,
    two_payments_have_two_names,
    who_has_not_paid_is_never_paid,
)


def _pressed(stage: Stage, action: str) -> tuple[Emulator, list[Report]]:
    """Return the rail after *action*, and what its callbacks say; none of them may be refused."""
    emulator = stage.emulator()
    visit = press(emulator, open_session(stage.provider, emulator).url, action)
    told = [
        report
        for errand in (*visit.before, *visit.after)
        for report in stage.provider.read_callback(carried(errand))
    ]
    return emulator, told


def _asked(stage: Stage, emulator: Emulator, wait_s: int = 1) -> list[Report]:
    """Return what the rail says when it is asked, where it can be, and can be believed."""
    if not isinstance(stage.provider, AnswersQueries):
        return []
    at = NOW + timedelta(seconds=wait_s)
    ask = stage.provider.ask_status(facts(CHECKOUT, asked_at=at))
    report = understood(ask.read, at_the_rail(emulator, ask.call, at))
    return [] if report is None else [report]
