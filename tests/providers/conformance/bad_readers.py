"""Rails that read callbacks with one sin each, and the case that must find it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

from paygate.domain.ids import AttemptRef
from paygate.domain.money import Money
from providers.contract import (
    Arrival,
    BadSignatureError,
    Report,
    Said,
    UnreadableError,
)
from providers.vnptpay.adapter import VnptPay
from providers.vnptpay.messages import CALLBACK, SIGNATURE
from tests.providers.conformance.bad_rail import BadRail, loosely, signed_again
from tests.providers.vnptpay.builders import sign


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


class CutsReferences(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, attempt_ref=AttemptRef(report.attempt_ref[:12]))
            for report in self.good.read_callback(arrival)
        ]


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


READING_SINS: list[tuple[type[BadRail], str]] = [
    (VerifiesOnlySuccess, "every_changed_character_is_refused"),
    (VerifiesNothing, "a_weaker_signature_is_refused"),
    (TakesTheLastOfARepeatedName, "every_repeated_field_is_refused"),
    (CallsTheUnknownFailed, "an_unknown_code_is_unknown"),
    (CallsEverythingPaid, "every_documented_code_means_what_its_source_says"),
    (ReadsATwelveHourClock, "every_hour_is_read_by_the_clock_of_viet_nam"),
    (CutsReferences, "a_report_repeats_what_the_rail_said"),
    (ReadsAmountsAsFloats, "an_amount_is_plain_digits"),
    (TakesEveryCurrency, "another_currency_is_unreadable"),
    (TakesWhatIsForOthers, "a_callback_for_another_merchant_is_refused"),
    (RoundsAmounts, "an_amount_is_told_to_the_dong"),
    (KnowsOnlyTheFirstKey, "keys_rotate_with_overlap"),
    (CrashesOnNoise, "noise_is_refused_and_never_crashes"),
    (KeepsNoiseForEver, "noise_is_refused_and_never_crashes"),
    (ComparesHexadecimalAsText, "hexadecimal_is_read_in_both_cases"),
    (StumblesOverForeignFields, "foreign_fields_are_never_used"),
    (ReadsOnlyJson, "a_signed_callback_is_read_in_every_form"),
    (StumblesOverVietnamese, "any_text_survives_the_way"),
    (CutsReferences, "long_references_that_begin_alike_differ"),
    (ForgivesAMissingField, "every_dropped_field_is_refused_or_was_empty"),
    (NeedsTheUsualOrder, "the_order_of_fields_tells_nothing"),
    (JoinsWithoutLooking, "a_border_between_fields_cannot_be_moved"),
]
