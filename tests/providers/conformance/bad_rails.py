"""Rails with one sin each, and the case of the suite that must find it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar
from urllib.parse import parse_qsl

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Ask,
    AttemptFacts,
    BadSignatureError,
    Capabilities,
    Checkout,
    HttpReply,
    ProviderInfo,
    Rail,
    Redirect,
    Report,
    Said,
    StartRefusedError,
    UnreadableError,
    Values,
)
from providers.registry import RAILS
from providers.vnptpay.adapter import VnptPay, build
from providers.vnptpay.messages import CALLBACK, SIGNATURE
from tests.providers.vnptpay.builders import sign

GOOD = RAILS["vnptpay"]


@dataclass(frozen=True)
class BadRail:
    """A good rail, with everything handed through, so that each sin below is one method."""

    good: VnptPay
    given: ClassVar[Values] = {}  # settings that it does not ask for

    @property
    def info(self) -> ProviderInfo:
        return self.good.info

    @property
    def capabilities(self) -> Capabilities:
        return self.good.capabilities

    @property
    def redirect_hosts(self) -> frozenset[str]:
        return self.good.redirect_hosts

    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        return self.good.start(checkout)

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return self.good.read_callback(arrival)

    def answer(self, arrival: Arrival, outcome: Outcome) -> HttpReply:
        return self.good.answer(arrival, outcome)

    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        return self.good.ask_status(attempt)


def loosely(arrival: Arrival) -> dict[str, str]:
    """Read the fields as careless code does: the last of a repeated name wins."""
    try:
        if arrival.body.lstrip()[:1] == b"{":
            read: dict[str, str] = json.loads(arrival.body)
            return read
        form = dict(parse_qsl(arrival.body.decode(), keep_blank_values=True))
        return json.loads(form["data"]) if "data" in form else form
    except ValueError:
        return {}


def signed_again(rail: BadRail, arrival: Arrival, fields: dict[str, str]) -> Arrival:
    signature = CALLBACK.sign(fields, rail.good.account.secret_keys[0])
    return replace(arrival, body=json.dumps({**fields, SIGNATURE: signature}).encode())


class VerifiesOnlySuccess(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields = loosely(arrival)
        if fields.get("RESPONSE_CODE") == "99":
            return self.good.read_callback(signed_again(self, arrival, fields))
        return self.good.read_callback(arrival)


class VerifiesNothing(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return self.good.read_callback(signed_again(self, arrival, loosely(arrival)))
        except ValueError:
            raise BadSignatureError from None


class TakesTheLastOfARepeatedName(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        body = json.dumps(loosely(arrival)).encode()
        return self.good.read_callback(replace(arrival, body=body))


class CallsTheUnknownFailed(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, said=Said.FAILED) if report.said is Said.UNKNOWN else report
            for report in self.good.read_callback(arrival)
        ]


class CallsEverythingPaid(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [replace(each, said=Said.PAID) for each in self.good.read_callback(arrival)]


class ReadsATwelveHourClock(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, paid_at=report.paid_at - timedelta(hours=12))
            if report.paid_at.hour in {5, 6}
            else report
            for report in self.good.read_callback(arrival)
        ]


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


class CutsReferences(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, attempt_ref=AttemptRef(report.attempt_ref[:12]))
            for report in self.good.read_callback(arrival)
        ]


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


class ReadsAmountsAsFloats(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return self.good.read_callback(arrival)
        except UnreadableError:
            fields = loosely(arrival)
            try:
                fields["AMOUNT"] = str(int(float(fields["AMOUNT"])))
            except (ValueError, OverflowError):
                raise UnreadableError from None
            return self.good.read_callback(signed_again(self, arrival, fields))


class TakesEveryCurrency(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return self.good.read_callback(arrival)
        except UnreadableError:
            fields = {**loosely(arrival), "CURRENCY_CODE": "VND"}
            return self.good.read_callback(signed_again(self, arrival, fields))


class TakesWhatIsForOthers(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return self.good.read_callback(arrival)
        except BadSignatureError as error:
            if "account" not in str(error):
                raise
            fields = {**loosely(arrival), "MERCHANT_SERVICE_ID": "6901"}
            return self.good.read_callback(signed_again(self, arrival, fields))


class RoundsAmounts(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(each, amount=Money(each.amount.dong // 100 * 100))
            for each in self.good.read_callback(arrival)
        ]


class KnowsOnlyTheFirstKey(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        keys = self.good.account.secret_keys[:1]
        return VnptPay(replace(self.good.account, secret_keys=keys)).read_callback(arrival)


class SignsWithTheLastKey(BadRail):
    def start(self, checkout: Checkout) -> Redirect | Ask[Redirect]:
        keys = self.good.account.secret_keys[::-1]
        return VnptPay(replace(self.good.account, secret_keys=keys)).start(checkout)


class CrashesOnNoise(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        arrival.body.decode()
        return self.good.read_callback(arrival)


class KeepsNoiseForEver(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not loosely(arrival):
            raise UnreadableError
        return self.good.read_callback(arrival)


class ComparesHexadecimalAsText(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if loosely(arrival).get(SIGNATURE, "").isupper():
            raise BadSignatureError
        return self.good.read_callback(arrival)


class StumblesOverForeignFields(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if "utm_source" in loosely(arrival):
            raise BadSignatureError
        return self.good.read_callback(arrival)


class ReadsOnlyJson(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not arrival.body.startswith(b"{"):
            raise BadSignatureError
        return self.good.read_callback(arrival)


class StumblesOverVietnamese(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not "".join(map(str, loosely(arrival).values())).isascii():
            raise BadSignatureError
        return self.good.read_callback(arrival)


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


class ForgivesAMissingField(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields = {"PAYMENT_METHOD": "VNPTPAY", **loosely(arrival)}
        if len(fields) == len(loosely(arrival)):
            return self.good.read_callback(arrival)
        return self.good.read_callback(signed_again(self, arrival, fields))


class NeedsTheUsualOrder(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if next(iter(loosely(arrival)), "") == SIGNATURE:
            raise BadSignatureError
        return self.good.read_callback(arrival)


class JoinsWithoutLooking(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields = loosely(arrival)
        if sign(fields, CALLBACK.fields, self.good.account.secret_keys[0]) != fields.get(SIGNATURE):
            return self.good.read_callback(arrival)
        plain = {name: value.replace("|", " ") for name, value in fields.items()}
        return self.good.read_callback(signed_again(self, arrival, plain))


class InventsAKey(BadRail):
    given: ClassVar[Values] = {"api_key": ("invented",)}


STARTS: list[Checkout] = []
SINS: list[tuple[type[BadRail], str]] = [
    (VerifiesOnlySuccess, "every_changed_character_is_refused"),
    (VerifiesNothing, "a_weaker_signature_is_refused"),
    (TakesTheLastOfARepeatedName, "every_repeated_field_is_refused"),
    (CallsTheUnknownFailed, "an_unknown_code_is_unknown"),
    (CallsEverythingPaid, "every_documented_code_means_what_its_source_says"),
    (ReadsATwelveHourClock, "every_hour_is_read_by_the_clock_of_viet_nam"),
    (WritesATwelveHourClock, "morning_and_evening_differ_on_the_wire"),
    (AsksAboutAnotherStart, "the_rail_is_asked_about_the_very_start"),
    (HasNoAnswerToTrouble, "every_outcome_is_answered_and_signed"),
    (AcknowledgesForgeries, "every_outcome_is_answered_and_signed"),
    (AnswersOnlyWhatItCanRead, "every_outcome_is_answered_and_signed"),
    (CutsReferences, "a_report_repeats_what_the_rail_said"),
    (TakesHalfAnAnswerForAFailure, "half_an_answer_to_a_question_says_nothing"),
    (FollowsAnySession, "a_session_elsewhere_is_refused"),
    (StartsDifferentlyEachTime, "a_start_is_the_same_for_ever"),
    (ClaimsToTakeNoQuestions, "capabilities_are_the_methods"),
    (ReadsAmountsAsFloats, "an_amount_is_plain_digits"),
    (TakesEveryCurrency, "another_currency_is_unreadable"),
    (TakesWhatIsForOthers, "a_callback_for_another_merchant_is_refused"),
    (RoundsAmounts, "an_amount_is_told_to_the_dong"),
    (KnowsOnlyTheFirstKey, "keys_rotate_with_overlap"),
    (SignsWithTheLastKey, "the_first_key_signs"),
    (CrashesOnNoise, "noise_is_refused_and_never_crashes"),
    (KeepsNoiseForEver, "noise_is_refused_and_never_crashes"),
    (ComparesHexadecimalAsText, "hexadecimal_is_read_in_both_cases"),
    (StumblesOverForeignFields, "foreign_fields_are_never_used"),
    (ReadsOnlyJson, "a_signed_callback_is_read_in_every_form"),
    (StumblesOverVietnamese, "any_text_survives_the_way"),
    (StartsAnyAmount, "an_amount_that_cannot_be_paid_starts_nothing"),
    (CutsReferencesOnTheWire, "starts_that_differ_differ_on_the_wire"),
    (CutsReferences, "long_references_that_begin_alike_differ"),
    (TakesARefusalForASession, "a_refused_start_is_told_as_such"),
    (TakesHalfAnAnswerForASession, "half_an_answer_to_a_start_is_no_session"),
    (BelievesAnyEcho, "an_answer_about_something_else_says_nothing"),
    (CannotLeaveItsHost, "a_start_leads_to_a_host_of_the_account"),
    (TakesNothing, "capabilities_make_sense"),
    (HasTwoNames, "the_rail_has_one_name"),
    (ShowsItsKeys, "secrets_do_not_show"),
    (StumblesOverControlCharacters, "any_description_can_be_paid_for"),
    (ForgivesAMissingField, "every_dropped_field_is_refused_or_was_empty"),
    (NeedsTheUsualOrder, "the_order_of_fields_tells_nothing"),
    (JoinsWithoutLooking, "a_border_between_fields_cannot_be_moved"),
    (InventsAKey, "every_needed_setting_is_named_when_missing"),
]


def a_rail_of(bad: type[BadRail]) -> Rail:
    def build_bad(values: Values) -> BadRail:
        return bad(build({**bad.given, **values}))

    return replace(GOOD, build=build_bad)
