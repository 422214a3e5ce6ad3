"""Rails that ask, answer or describe themselves with one sin each, and the case that finds it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    Capabilities,
    Checkout,
    HttpReply,
    ProviderInfo,
    Redirect,
    Report,
    Said,
    StartRefusedError,
    UnreadableError,
)
from providers.vnpay.messages import QUERY_REPLY
from tests.providers.conformance.bad_rail import (
    DIALECTS,
    VNPAY,
    VNPTPAY,
    BadRail,
    Dialect,
    Start,
)
from tests.providers.conformance.careless.adapter import ComparesOpenly
from tests.providers.vnpay.builders import signed_reply

STARTS: list[Checkout] = []


class WritesATwelveHourClock(BadRail):
    def start(self, checkout: Checkout) -> Start:
        half_a_day = timedelta(hours=checkout.created_at.hour // 12 * 12)
        return super().start(replace(checkout, created_at=checkout.created_at - half_a_day))

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        half_a_day = timedelta(hours=attempt.created_at.hour // 12 * 12)
        asked_at = attempt.asked_at - timedelta(hours=attempt.asked_at.hour // 12 * 12)
        return super().ask_status(
            replace(attempt, created_at=attempt.created_at - half_a_day, asked_at=asked_at)
        )


class WritesTheClockOfItsHost(BadRail):
    """Writes UTC where the rail wants the time of Viet Nam, as a server in UTC would."""

    def start(self, checkout: Checkout) -> Start:
        return super().start(replace(checkout, created_at=checkout.created_at - timedelta(hours=7)))


class AsksAboutAnotherStart(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return super().ask_status(replace(attempt, created_at=attempt.asked_at))


class HasNoAnswerToTrouble(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        if outcome is Outcome.TROUBLE:
            raise KeyError(outcome)
        return super().answer(arrival, outcome)


class AcknowledgesForgeries(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        kind = Outcome.APPLIED if outcome is Outcome.BAD_SIGNATURE else outcome
        return super().answer(arrival, kind)


class LetsKnownNewsComeAgain(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        kind = Outcome.TROUBLE if outcome is Outcome.KNOWN else outcome
        return super().answer(arrival, kind)


class AnswersOnlyWhatItCanRead(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        self.good.read_callback(arrival)
        return super().answer(arrival, outcome)


class TakesHalfAnAnswerForAFailure(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask = super().ask_status(attempt)

        def read(reply: HttpReply) -> Report:
            try:
                return ask.read(reply)
            except UnreadableError:
                return Report(
                    attempt_ref=attempt.attempt_ref,
                    rail_txn=None,
                    amount=attempt.amount,
                    said=Said.FAILED,
                    code="",
                    paid_at=attempt.asked_at,
                )

        return Ask(ask.call, read)


class VerifiesNoAnswer(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask, key = super().ask_status(attempt), self.dialect.keys_of(self.good)[0]
        return Ask(ask.call, lambda reply: ask.read(signed_reply(reply, QUERY_REPLY, key)))


class TellsTheAmountThatItAskedAbout(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask = super().ask_status(attempt)
        return Ask(ask.call, lambda reply: replace(ask.read(reply), amount=attempt.amount))


class FollowsAnySession(BadRail):
    def start(self, checkout: Checkout) -> Start:
        ask = self.good.start(checkout)
        return Ask(ask.call, lambda reply: Redirect(json.loads(reply.body).get("REDIRECT_URL", "")))


class StartsDifferentlyEachTime(BadRail):
    def start(self, checkout: Checkout) -> Start:
        STARTS.append(checkout)
        later = checkout.created_at + timedelta(seconds=len(STARTS))
        return super().start(replace(checkout, created_at=later))


class ClaimsToTakeNoQuestions(BadRail):
    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, query=False)


class ClaimsRefunds(BadRail):
    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, refund_full=True)


class DeniesRefunds(BadRail):
    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, refund_query=False)


class LosesTheBank(BadRail):
    def start(self, checkout: Checkout) -> Start:
        return super().start(replace(checkout, bank=None))


class SignsWithTheLastKey(BadRail):
    def start(self, checkout: Checkout) -> Start:
        keys = self.dialect.keys_of(self.good)[::-1]
        return self.dialect.with_keys(self.good, keys).start(checkout)


class StartsAnyAmount(BadRail):
    def start(self, checkout: Checkout) -> Start:
        limits = self.capabilities
        amount = max(min(checkout.amount, limits.maximum), limits.minimum)
        return super().start(replace(checkout, amount=amount))


class CutsReferencesOnTheWire(BadRail):
    def start(self, checkout: Checkout) -> Start:
        reference = AttemptRef(checkout.attempt_ref[:19])
        return super().start(replace(checkout, attempt_ref=reference))


class TakesARefusalForASession(BadRail):
    def start(self, checkout: Checkout) -> Start:
        ask = self.good.start(checkout)

        def read(reply: HttpReply) -> Redirect:
            try:
                redirect: Redirect = ask.read(reply)
            except StartRefusedError:
                return Redirect(self.good.account.base_url)
            return redirect

        return Ask(ask.call, read)


class TakesHalfAnAnswerForASession(BadRail):
    def start(self, checkout: Checkout) -> Start:
        ask = self.good.start(checkout)

        def read(reply: HttpReply) -> Redirect:
            try:
                redirect: Redirect = ask.read(reply)
            except UnreadableError:
                return Redirect(self.good.account.base_url)
            return redirect

        return Ask(ask.call, read)


class BelievesAnyEcho(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask = super().ask_status(attempt)

        def read(reply: HttpReply) -> Report:
            body = reply.body.replace(b'"5001"', b'"5000"')
            return ask.read(replace(reply, body=body))

        return Ask(ask.call, read)


class CannotLeaveItsHost(BadRail):
    @property
    def redirect_hosts(self) -> frozenset[str]:
        return frozenset()


class TakesNothing(BadRail):
    @property
    def capabilities(self) -> Capabilities:
        none = replace(super().capabilities, minimum=Money(2), maximum=Money(1))
        return replace(none, reference_max=12, session=timedelta(0))


class HasTwoNames(BadRail):
    @property
    def info(self) -> ProviderInfo:
        return replace(super().info, code="other")


class ShowsItsKeys(BadRail):
    def __repr__(self) -> str:
        return f"a rail with {self.dialect.keys_of(self.good)}"


class StumblesOverControlCharacters(BadRail):
    def start(self, checkout: Checkout) -> Start:
        if not checkout.description.isprintable():
            raise ValueError(checkout.description)
        return super().start(checkout)


class InventsAKey(BadRail):
    gives_keys: ClassVar[bool] = False


SPEAKING_SINS: list[tuple[type[BadRail], str, tuple[Dialect, ...]]] = [
    (WritesATwelveHourClock, "morning_and_evening_differ_on_the_wire", (VNPTPAY,)),
    (WritesATwelveHourClock, "a_start_is_dated_by_the_clock_of_viet_nam", DIALECTS),
    (WritesTheClockOfItsHost, "a_start_is_dated_by_the_clock_of_viet_nam", DIALECTS),
    (AsksAboutAnotherStart, "the_rail_is_asked_about_the_very_start", DIALECTS),
    (HasNoAnswerToTrouble, "every_outcome_is_answered_in_the_words_of_the_rail", DIALECTS),
    (AcknowledgesForgeries, "every_outcome_is_answered_in_the_words_of_the_rail", DIALECTS),
    (LetsKnownNewsComeAgain, "every_outcome_is_answered_in_the_words_of_the_rail", DIALECTS),
    (AnswersOnlyWhatItCanRead, "every_outcome_is_answered_in_the_words_of_the_rail", DIALECTS),
    (TakesHalfAnAnswerForAFailure, "half_an_answer_to_a_question_says_nothing", DIALECTS),
    (VerifiesNoAnswer, "an_answer_about_something_else_says_nothing", (VNPAY,)),
    (TellsTheAmountThatItAskedAbout, "another_amount_is_told_as_it_came", (VNPAY,)),
    (FollowsAnySession, "a_session_elsewhere_is_refused", (VNPTPAY,)),
    (StartsDifferentlyEachTime, "a_start_is_the_same_for_ever", DIALECTS),
    (ClaimsToTakeNoQuestions, "capabilities_are_the_methods", DIALECTS),
    (ClaimsRefunds, "capabilities_are_the_methods", (VNPTPAY,)),
    (DeniesRefunds, "capabilities_are_the_methods", (VNPAY,)),
    (LosesTheBank, "every_bank_can_be_chosen_and_no_other", (VNPAY,)),
    (SignsWithTheLastKey, "the_first_key_signs", DIALECTS),
    (StartsAnyAmount, "an_amount_that_cannot_be_paid_starts_nothing", DIALECTS),
    (CutsReferencesOnTheWire, "starts_that_differ_differ_on_the_wire", DIALECTS),
    (TakesARefusalForASession, "a_refused_start_is_told_as_such", (VNPTPAY,)),
    (TakesHalfAnAnswerForASession, "half_an_answer_to_a_start_is_no_session", (VNPTPAY,)),
    (BelievesAnyEcho, "an_answer_about_something_else_says_nothing", (VNPTPAY,)),
    (CannotLeaveItsHost, "a_start_leads_to_a_host_of_the_account", DIALECTS),
    (TakesNothing, "capabilities_make_sense", DIALECTS),
    (HasTwoNames, "the_rail_has_one_name", DIALECTS),
    (ShowsItsKeys, "secrets_do_not_show", DIALECTS),
    (StumblesOverControlCharacters, "any_description_can_be_paid_for", DIALECTS),
    (InventsAKey, "every_needed_setting_is_named_when_missing", DIALECTS),
    (ComparesOpenly, "signatures_are_compared_in_constant_time", DIALECTS),
]
