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
    Values,
)
from providers.vnptpay.adapter import VnptPay
from tests.providers.conformance.bad_rail import BadRail

STARTS: list[Checkout] = []


class WritesATwelveHourClock(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        half_a_day = timedelta(hours=checkout.created_at.hour // 12 * 12)
        return self.good.start(replace(checkout, created_at=checkout.created_at - half_a_day))

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        half_a_day = timedelta(hours=attempt.created_at.hour // 12 * 12)
        return self.good.ask_status(replace(attempt, created_at=attempt.created_at - half_a_day))


class AsksAboutAnotherStart(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return self.good.ask_status(replace(attempt, created_at=attempt.asked_at))


class HasNoAnswerToTrouble(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        if outcome is Outcome.TROUBLE:
            raise KeyError(outcome)
        return self.good.answer(arrival, outcome)


class AcknowledgesForgeries(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        kind = Outcome.APPLIED if outcome is Outcome.BAD_SIGNATURE else outcome
        return self.good.answer(arrival, kind)


class AnswersOnlyWhatItCanRead(BadRail):
    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        self.good.read_callback(arrival)
        return self.good.answer(arrival, outcome)


class TakesHalfAnAnswerForAFailure(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask = self.good.ask_status(attempt)

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


class FollowsAnySession(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        ask = self.good.start(checkout)
        return Ask(ask.call, lambda reply: Redirect(json.loads(reply.body).get("REDIRECT_URL", "")))


class StartsDifferentlyEachTime(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        STARTS.append(checkout)
        later = checkout.created_at + timedelta(seconds=len(STARTS))
        return self.good.start(replace(checkout, created_at=later))


class ClaimsToTakeNoQuestions(BadRail):
    @property
    def capabilities(self) -> Capabilities:
        return replace(self.good.capabilities, query=False)


class SignsWithTheLastKey(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        keys = self.good.account.secret_keys[::-1]
        return VnptPay(replace(self.good.account, secret_keys=keys)).start(checkout)


class StartsAnyAmount(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        amount = max(checkout.amount, Money(1))
        return self.good.start(replace(checkout, amount=min(amount, Money(10**15 - 1))))


class CutsReferencesOnTheWire(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        reference = AttemptRef(checkout.attempt_ref[:19])
        return self.good.start(replace(checkout, attempt_ref=reference))


class TakesARefusalForASession(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        ask = self.good.start(checkout)

        def read(reply: HttpReply) -> Redirect:
            try:
                return ask.read(reply)
            except StartRefusedError:
                return Redirect(self.good.account.base_url)

        return Ask(ask.call, read)


class TakesHalfAnAnswerForASession(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        ask = self.good.start(checkout)

        def read(reply: HttpReply) -> Redirect:
            try:
                return ask.read(reply)
            except UnreadableError:
                return Redirect(self.good.account.base_url)

        return Ask(ask.call, read)


class BelievesAnyEcho(BadRail):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask = self.good.ask_status(attempt)

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
        none = replace(self.good.capabilities, minimum=Money(2), maximum=Money(1))
        return replace(none, reference_max=12, session=timedelta(0))


class HasTwoNames(BadRail):
    @property
    def info(self) -> ProviderInfo:
        return replace(self.good.info, code="other")


class ShowsItsKeys(BadRail):
    def __repr__(self) -> str:
        return f"a rail with {self.good.account.secret_keys}"


class StumblesOverControlCharacters(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        if not checkout.description.isprintable():
            raise ValueError(checkout.description)
        return self.good.start(checkout)


class InventsAKey(BadRail):
    given: ClassVar[Values] = {"api_key": ("invented",)}


SPEAKING_SINS: list[tuple[type[BadRail], str]] = [
    (WritesATwelveHourClock, "morning_and_evening_differ_on_the_wire"),
    (AsksAboutAnotherStart, "the_rail_is_asked_about_the_very_start"),
    (HasNoAnswerToTrouble, "every_outcome_is_answered_and_signed"),
    (AcknowledgesForgeries, "every_outcome_is_answered_and_signed"),
    (AnswersOnlyWhatItCanRead, "every_outcome_is_answered_and_signed"),
    (TakesHalfAnAnswerForAFailure, "half_an_answer_to_a_question_says_nothing"),
    (FollowsAnySession, "a_session_elsewhere_is_refused"),
    (StartsDifferentlyEachTime, "a_start_is_the_same_for_ever"),
    (ClaimsToTakeNoQuestions, "capabilities_are_the_methods"),
    (SignsWithTheLastKey, "the_first_key_signs"),
    (StartsAnyAmount, "an_amount_that_cannot_be_paid_starts_nothing"),
    (CutsReferencesOnTheWire, "starts_that_differ_differ_on_the_wire"),
    (TakesARefusalForASession, "a_refused_start_is_told_as_such"),
    (TakesHalfAnAnswerForASession, "half_an_answer_to_a_start_is_no_session"),
    (BelievesAnyEcho, "an_answer_about_something_else_says_nothing"),
    (CannotLeaveItsHost, "a_start_leads_to_a_host_of_the_account"),
    (TakesNothing, "capabilities_make_sense"),
    (HasTwoNames, "the_rail_has_one_name"),
    (ShowsItsKeys, "secrets_do_not_show"),
    (StumblesOverControlCharacters, "any_description_can_be_paid_for"),
    (InventsAKey, "every_needed_setting_is_named_when_missing"),
]
