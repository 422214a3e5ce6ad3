"""Cases: money that goes back through the rail. A rail without refunds has none of them."""

# ruff: noqa: D103  # a case is named as a test is: by the sentence that it proves
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.conformance.stage import (
    CHECKOUT,
    FEE,
    NOW,
    OTHER_KEY,
    REFERENCE,
    Case,
    Problems,
    Stage,
    at_the_rail,
    broken,
    carried,
    facts,
    open_session,
    press,
    understood,
)
from providers.contract import (
    AnswersQueries,
    Ask,
    Emulator,
    RefundFacts,
    RefundOrder,
    RefundReport,
    Refunds,
    RefundSaid,
    RehearsesRefunds,
    Said,
)

ORDERED_AT = NOW + timedelta(hours=1)
ON_ITS_WAY = {RefundSaid.ACCEPTED, RefundSaid.PENDING}
ORDER = RefundOrder(
    wire_ref="RF7K3M92QF-1",
    attempt_ref=REFERENCE,
    rail_txn=None,
    amount=FEE,
    collected=FEE,
    created_at=NOW,
    ordered_at=ORDERED_AT,
    officer="ketoan1",
    reason="Hồ sơ 000.30.27.H23-220928-0001 bị từ chối",
)
FACTS = RefundFacts(
    wire_ref=ORDER.wire_ref,
    attempt_ref=REFERENCE,
    amount=FEE,
    created_at=NOW,
    asked_at=ORDERED_AT + timedelta(minutes=1),
)
STRANGE_CODES = ("", "0", "000", "7", "XX", "9999", "00 ", "success", "null", "100")
ENDS = {
    "succeed": {RefundSaid.SUCCEEDED},
    "pend": ON_ITS_WAY,
    "refuse": {RefundSaid.FAILED},
    "timeout_after_doing": {RefundSaid.SUCCEEDED},
}


def a_refund_ends_as_the_rail_lets_it_end(stage: Stage) -> Problems:
    for desk in _desks(stage):
        for wish, ends in ENDS.items():
            emulator, order = desk.paid()
            emulator.control({"refund": wish})
            taken = desk.told(emulator, order)
            if taken is not None and taken.said not in {*ON_ITS_WAY, RefundSaid.SUCCEEDED, *ends}:
                yield f"{wish}: taken as {taken.said}"
            end = desk.asked(emulator)
            if end is None or end.said not in ends:
                yield f"{wish}: {end}"


def a_refund_that_was_sent_again_has_not_failed(stage: Stage) -> Problems:
    """Let the answer be lost after the deed, and send the same bytes again."""
    for desk in _desks(stage):
        emulator, order = desk.paid()
        emulator.control({"refund": "timeout_after_doing"})
        desk.told(emulator, order)
        again = desk.told(emulator, replace(order, again=True))
        if again is not None and again.said in {RefundSaid.FAILED, RefundSaid.SUCCEEDED}:
            yield f"the second sending: {again.said}"


def a_refusal_of_a_second_sending_is_unknown(stage: Stage) -> Problems:
    """Refuse what may be refused only because the first sending was carried out."""
    for desk in _desks(stage):
        ask = desk.provider.ask_refund(replace(ORDER, again=True))
        for code, meant in desk.rehearsal.refund_meanings.items():
            reply = desk.rehearsal.refund_reply(ORDER, code, signed=True)
            seen = understood(ask.read, reply)
            if (
                meant is RefundSaid.FAILED
                and seen is not None
                and seen.said is not RefundSaid.UNKNOWN
            ):
                yield f"{code}: {seen.said}"


def every_refund_code_means_what_its_source_says(stage: Stage) -> Problems:
    for desk in _desks(stage):
        ask = desk.provider.ask_refund(ORDER)
        for code, meant in desk.rehearsal.refund_meanings.items():
            seen = understood(ask.read, desk.rehearsal.refund_reply(ORDER, code, signed=True))
            if seen is None or (seen.said, seen.code) != (meant, code):
                yield f"{code}: {seen}, not {meant}"
        for status, meant in desk.rehearsal.refund_statuses.items():
            said = desk.status(status)
            if said is not meant:
                yield f"status {status}: {said}, not {meant}"


def an_unknown_refund_code_is_unknown(stage: Stage) -> Problems:
    for desk in _desks(stage):
        ask = desk.provider.ask_refund(ORDER)
        for code in STRANGE_CODES:
            seen = understood(ask.read, desk.rehearsal.refund_reply(ORDER, code, signed=True))
            if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                yield f"{code!r}: {seen.said}"
            if desk.status(code) is not RefundSaid.UNKNOWN:
                yield f"status {code!r}: {desk.status(code)}"


def a_refund_is_believed_only_when_it_is_signed(stage: Stage) -> Problems:
    for desk in _desks(stage):
        ask = desk.provider.ask_refund(ORDER)
        for code in desk.rehearsal.refund_meanings:
            for signed in (False, True):
                reply = desk.rehearsal.refund_reply(ORDER, code, signed=signed)
                if signed:
                    other = stage.rail.build(stage.with_keys(OTHER_KEY))
                    ask = other.ask_refund(ORDER) if isinstance(other, Refunds) else ask
                seen = understood(ask.read, reply)
                if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                    yield f"{code}, {'another key' if signed else 'unsigned'}: {seen.said}"


def half_an_answer_about_a_refund_says_nothing(stage: Stage) -> Problems:
    for desk in _desks(stage):
        emulator, order = desk.paid()
        ask = desk.provider.ask_refund(order)
        taken = at_the_rail(emulator, ask.call, ORDERED_AT)
        question = desk.provider.ask_refund_status(FACTS)
        found = at_the_rail(emulator, question.call, FACTS.asked_at)
        for reader, reply in ((ask.read, taken), (question.read, found)):
            for what, other in broken(reply):
                seen = understood(reader, other)
                if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                    yield f"{what}: {seen.said}"


def an_answer_about_another_refund_says_nothing(stage: Stage) -> Problems:
    for desk in _desks(stage):
        others = {
            "another payment": replace(ORDER, attempt_ref=AttemptRef(f"{REFERENCE[:-1]}0")),
            "another amount": replace(ORDER, amount=FEE - Money(1)),
            "a part of a larger one": replace(ORDER, collected=FEE + FEE),
        }
        taken = desk.provider.ask_refund(ORDER)
        found = desk.provider.ask_refund_status(FACTS)
        for what, other in others.items():
            seen = understood(taken.read, desk.rehearsal.refund_reply(other, "00", signed=True))
            if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                yield f"taken, {what}: {seen.said}"
        for what, other in list(others.items())[:2]:
            reply = desk.rehearsal.refund_status_reply(other, desk.done, rail_refund="1")
            seen = understood(found.read, reply)
            if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                yield f"found, {what}: {seen.said}"
        for known in (replace(FACTS, rail_refund="2"), replace(FACTS, others=("1", "3"))):
            reply = desk.rehearsal.refund_status_reply(ORDER, desk.done, rail_refund="1")
            seen = understood(desk.provider.ask_refund_status(known).read, reply)
            if seen is not None and seen.said is not RefundSaid.UNKNOWN:
                yield f"an earlier refund is taken for this one: {seen.said}"


def a_refund_is_never_taken_for_a_payment(stage: Stage) -> Problems:
    """Ask about the payment when the last thing that succeeded is its refund."""
    for desk in _desks(stage):
        emulator, order = desk.paid()
        desk.told(emulator, order)
        if isinstance(stage.provider, AnswersQueries):
            ask = stage.provider.ask_status(facts(CHECKOUT, asked_at=ORDERED_AT))
            seen = understood(ask.read, at_the_rail(emulator, ask.call, ORDERED_AT))
            if seen is not None and seen.said is Said.PAID and seen.rail_txn != order.rail_txn:
                yield f"{seen}"


def a_refund_is_the_same_for_ever(stage: Stage) -> Problems:
    for desk in _desks(stage):
        again = stage.rail.build(stage.rehearsal.values)
        calls = {repr(desk.provider.ask_refund(each).call) for each in (ORDER, _AGAIN)}
        if isinstance(again, Refunds):
            calls.add(repr(again.ask_refund(ORDER).call))
        if len(calls) != 1:
            yield "a resend is another message"


def refunds_that_differ_differ_on_the_wire(stage: Stage) -> Problems:
    for desk in _desks(stage):
        first = desk.provider.ask_refund(ORDER).call
        others = {
            "the last character of the reference": replace(ORDER, wire_ref="RF7K3M92QF-2"),
            "the payment": replace(ORDER, attempt_ref=AttemptRef(f"{REFERENCE[:-1]}0")),
            "the day of the payment": replace(ORDER, created_at=NOW - timedelta(hours=12)),
        }
        if stage.provider.capabilities.refund_partial:
            others["one dong"] = replace(ORDER, amount=FEE - Money(1))
            others["that it is a part"] = replace(ORDER, collected=FEE + Money(1))
        for what, other in others.items():
            if desk.provider.ask_refund(other).call == first:
                yield f"{what} is lost"


def an_amount_that_cannot_go_back_is_not_asked_for(stage: Stage) -> Problems:
    for desk in _desks(stage):
        amounts = [Money(0), Money(-1), FEE + Money(1)]
        if not stage.provider.capabilities.refund_partial:
            amounts.append(FEE - Money(1))
        for amount in amounts:
            try:
                desk.provider.ask_refund(replace(ORDER, amount=amount))
            except ValueError:
                continue
            yield f"{amount} of {FEE}"


CASES: tuple[Case, ...] = (
    a_refund_ends_as_the_rail_lets_it_end,
    a_refund_that_was_sent_again_has_not_failed,
    a_refusal_of_a_second_sending_is_unknown,
    every_refund_code_means_what_its_source_says,
    an_unknown_refund_code_is_unknown,
    a_refund_is_believed_only_when_it_is_signed,
    half_an_answer_about_a_refund_says_nothing,
    an_answer_about_another_refund_says_nothing,
    a_refund_is_never_taken_for_a_payment,
    a_refund_is_the_same_for_ever,
    refunds_that_differ_differ_on_the_wire,
    an_amount_that_cannot_go_back_is_not_asked_for,
)

_AGAIN = replace(ORDER, again=True)


@dataclass(frozen=True, slots=True)
class _Desk:
    """A rail that gives money back, and the one who plays its part."""

    stage: Stage
    provider: Refunds
    rehearsal: RehearsesRefunds

    @property
    def done(self) -> str:
        """Return the rail's own word for a refund that is done."""
        statuses = self.rehearsal.refund_statuses.items()
        return next(status for status, said in statuses if said is RefundSaid.SUCCEEDED)

    def paid(self) -> tuple[Emulator, RefundOrder]:
        """Return a rail that was paid, and the order to give it all back."""
        emulator = self.stage.emulator()
        visit = press(emulator, open_session(self.stage.provider, emulator).url, "pay")
        (report,) = self.stage.provider.read_callback(carried(visit.after[0]))
        return emulator, replace(ORDER, rail_txn=report.rail_txn, created_at=CHECKOUT.created_at)

    def told(self, emulator: Emulator, order: RefundOrder) -> RefundReport | None:
        """Return what the rail says to *order*, None where nothing usable came back."""
        return _carry(emulator, self.provider.ask_refund(order), order.ordered_at)

    def asked(self, emulator: Emulator) -> RefundReport | None:
        return _carry(emulator, self.provider.ask_refund_status(FACTS), FACTS.asked_at)

    def status(self, status: str) -> RefundSaid:
        reply = self.rehearsal.refund_status_reply(ORDER, status, rail_refund="1")
        seen = understood(self.provider.ask_refund_status(FACTS).read, reply)
        return RefundSaid.UNKNOWN if seen is None else seen.said


def _desks(stage: Stage) -> Iterator[_Desk]:
    """Yield the desk of a rail that gives money back; of any other, none."""
    if isinstance(stage.provider, Refunds):
        if not isinstance(stage.rehearsal, RehearsesRefunds):
            raise TypeError("refunds are offered, and cannot be rehearsed")
        yield _Desk(stage, stage.provider, stage.rehearsal)


def _carry(emulator: Emulator, ask: Ask[RefundReport], at: datetime) -> RefundReport | None:
    try:
        reply = at_the_rail(emulator, ask.call, at)
    except ConnectionError:
        return None
    return understood(ask.read, reply)
