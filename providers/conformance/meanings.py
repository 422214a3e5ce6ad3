"""Cases: what a signed callback means, and what we answer."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from paygate.domain.ids import AttemptRef
from paygate.domain.money import DONG_MAX, Money
from paygate.domain.outcome import Outcome
from providers.conformance.stage import NOW, SAMPLE, Case, Problems, Stage, read
from providers.contract import Arrival, Said

FULL_WIDTH = "\uff15\uff10\uff10\uff10"  # 5000 in digits that int() reads and no rail writes
ARABIC = "\u0665\u0660\u0660\u0660"
STRANGE_CODES = ("", "000", "7", "XX", "0x00", "00 ", " 00", "\uff10\uff10", "success", "null")
AMOUNTS_REFUSED = (
    *("", "-5000", "+5000", "5000.0", "5000.00", "5.000", "5,000", "5 000", "5e3", "1e3", "0x1388"),
    *("05000", FULL_WIDTH, ARABIC, "5000 VND", "5000đ", "NaN", "Infinity", "null", "true"),
    *("5000\n", str(2**63), "9" * 400),
)
AMOUNTS_KEPT = (4_999, 5_001, 500_000, 50, 1, 2**31, 10**15 - 1)
REMAINDERS = ("1", "50", "99", "101", "499999", "500001", "500050")
HOURS = ((13, 5, 0), (0, 30, 0), (23, 59, 59), (12, 0, 0), (0, 0, 0), (1, 5, 0))
STOPS = {Outcome.APPLIED, Outcome.KNOWN, Outcome.CONTRADICTS}
GOES_ON = {Outcome.BAD_SIGNATURE, Outcome.UNREADABLE, Outcome.TROUBLE}
NOISE = (
    *(b"", b"{", b"{}", b"[]", b"null", b"data=", b"data={", b"=", b"&&&", b"\xff\xfe", b"%zz=%"),
    *(b'{"a":' * 30_000, b'{"a":NaN}', b'{"AMOUNT":{"AMOUNT":1}}', b'{"AMOUNT":"\\ud800"}'),
    b"<xml/>",
)


def every_documented_code_means_what_its_source_says(stage: Stage) -> Problems:
    for code, meant in stage.rehearsal.meanings.items():
        said = _said(stage, code)
        if said != meant:
            yield f"{code}: {said}, not {meant}"


def an_unknown_code_is_unknown(stage: Stage) -> Problems:
    for code in STRANGE_CODES:
        if code not in stage.rehearsal.meanings:
            said = _said(stage, code)
            if said not in {Said.UNKNOWN, "unreadable"}:
                yield f"{code!r}: {said}"


def an_amount_is_plain_digits(stage: Stage) -> Problems:
    too_much = str((DONG_MAX + 1) * stage.rehearsal.names.unit)
    for text in (*AMOUNTS_REFUSED, too_much):
        for form in stage.forms:
            fields = stage.signed(changed={stage.rehearsal.names.amount: text})
            seen = read(stage.provider, stage.arrival(fields, form))
            if seen != "unreadable":
                yield f"{form}, {text!r}: {seen}"


def an_amount_is_told_to_the_dong(stage: Stage) -> Problems:
    for dong in AMOUNTS_KEPT:
        fields = stage.signed(replace(stage.sample(), amount=Money(dong)))
        reports = read(stage.provider, stage.arrival(fields, stage.forms[0]))
        if isinstance(reports, str) or [each.amount for each in reports] != [Money(dong)]:
            yield f"{dong}: {reports}"


def a_remainder_of_the_unit_is_unreadable(stage: Stage) -> Problems:
    """Refuse parts of a dong, where the wire can write them."""
    if stage.rehearsal.names.unit == 1:
        return
    for text in REMAINDERS:
        fields = stage.signed(changed={stage.rehearsal.names.amount: text})
        seen = read(stage.provider, stage.arrival(fields, stage.forms[0]))
        if seen != "unreadable":
            yield f"{text}: {seen}"


def another_currency_is_unreadable(stage: Stage) -> Problems:
    if not stage.rehearsal.names.currency:
        return
    for currency in ("USD", "vnd", "", "VNĐ", "704"):
        fields = stage.signed(changed={stage.rehearsal.names.currency: currency})
        seen = read(stage.provider, stage.arrival(fields, stage.forms[0]))
        if seen != "unreadable":
            yield f"{currency!r}: {seen}"


def a_callback_for_another_merchant_is_refused(stage: Stage) -> Problems:
    name = stage.rehearsal.names.merchant
    ours = dict(stage.unsigned())[name]
    for merchant in (f"{ours}1", ours[:-1], "", f" {ours}"):
        seen = read(
            stage.provider, stage.arrival(stage.signed(changed={name: merchant}), stage.forms[0])
        )
        if seen != "bad signature":
            yield f"{merchant!r}: {seen}"


def a_report_repeats_what_the_rail_said(stage: Stage) -> Problems:
    for form in stage.forms:
        sample = stage.sample()
        reports = read(stage.provider, stage.arrival(stage.signed(sample), form))
        if isinstance(reports, str) or len(reports) != 1:
            yield f"{form}: {reports}"
            continue
        told = (reports[0].attempt_ref, reports[0].rail_txn, reports[0].amount, reports[0].code)
        if told != (sample.attempt_ref, sample.rail_txn, sample.amount, sample.code):
            yield f"{form}: {told}"


def long_references_that_begin_alike_differ(stage: Stage) -> Problems:
    head = str(SAMPLE.attempt_ref)[: stage.provider.capabilities.reference_max - 1]
    for tail in "0Z":
        reference = AttemptRef(head + tail)
        fields = stage.signed(replace(stage.sample(), attempt_ref=reference))
        reports = read(stage.provider, stage.arrival(fields, stage.forms[0]))
        if isinstance(reports, str) or reports[0].attempt_ref != reference:
            yield f"{reference}: {reports}"


def every_hour_is_read_by_the_clock_of_viet_nam(stage: Stage) -> Problems:
    for hour, minute, second in HOURS:
        paid_at = datetime(2022, 9, 28, hour, minute, second, tzinfo=timezone(timedelta(hours=7)))
        fields = stage.signed(replace(stage.sample(), paid_at=paid_at))
        at = paid_at.astimezone(UTC) + timedelta(seconds=1)
        reports = read(stage.provider, stage.arrival(fields, stage.forms[0], at))
        if isinstance(reports, str):
            yield f"{paid_at}: {reports}"
        elif [each.paid_at for each in reports] != [paid_at]:
            yield f"{paid_at}: read as {reports[0].paid_at}"


def noise_is_refused_and_never_crashes(stage: Stage) -> Problems:
    for body in NOISE:
        for method in ("POST", "GET"):
            arrival = Arrival(method, "/", body[:100], (), body, NOW)
            seen = read(stage.provider, arrival)
            if seen != "bad signature":
                yield f"{body[:20]!r}: {seen}"


def every_outcome_is_answered_in_the_words_of_the_rail(stage: Stage) -> Problems:
    emulator = stage.emulator()
    arrivals = [stage.arrival(stage.signed(), form) for form in stage.forms]
    arrivals += [Arrival("POST", "/", body, (), body, NOW) for body in NOISE]
    for outcome in Outcome:
        for arrival in arrivals:
            reply = stage.provider.answer(arrival, outcome)
            with contextlib.suppress(ValueError):
                word = stage.rehearsal.answer_word(reply)
                if word != stage.rehearsal.answers[outcome]:
                    yield f"{outcome}: {word}, not {stage.rehearsal.answers[outcome]}"
                if stage.provider.answer(arrival, outcome) != reply:
                    yield f"{outcome}: answered differently the second time"
                continue
            yield f"{outcome}: an answer that the rail would not believe"
        stops = emulator.acknowledged(stage.provider.answer(arrivals[0], outcome))
        if (outcome in STOPS and not stops) or (outcome in GOES_ON and stops):
            yield f"{outcome}: the rail {'stops' if stops else 'goes on'}"


CASES: tuple[Case, ...] = (
    every_documented_code_means_what_its_source_says,
    an_unknown_code_is_unknown,
    an_amount_is_plain_digits,
    an_amount_is_told_to_the_dong,
    a_remainder_of_the_unit_is_unreadable,
    another_currency_is_unreadable,
    a_callback_for_another_merchant_is_refused,
    a_report_repeats_what_the_rail_said,
    long_references_that_begin_alike_differ,
    every_hour_is_read_by_the_clock_of_viet_nam,
    noise_is_refused_and_never_crashes,
    every_outcome_is_answered_in_the_words_of_the_rail,
)


def _said(stage: Stage, code: str) -> Said | str:
    fields = stage.signed(stage.sample(code))
    reports = read(stage.provider, stage.arrival(fields, stage.forms[0]))
    return reports if isinstance(reports, str) else reports[0].said
