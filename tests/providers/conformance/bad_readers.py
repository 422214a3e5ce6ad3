"""Rails that read callbacks with one sin each, and the case that must find it."""

from __future__ import annotations

import hmac
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
from tests.providers.conformance.bad_rail import DIALECTS, VNPAY, VNPTPAY, BadRail, Dialect
from tests.providers.vnptpay.builders import sign


class VerifiesOnlySuccess(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields = self.loosely(arrival)
        if fields.get(self.dialect.names.code) == self.dialect.failed:
            return super().read_callback(self.signed_again(arrival, fields))
        return super().read_callback(arrival)


class VerifiesNothing(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return super().read_callback(self.signed_again(arrival, self.loosely(arrival)))
        except ValueError:
            raise BadSignatureError from None


class TakesTheLastOfARepeatedName(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return super().read_callback(self.dialect.write(arrival, self.loosely(arrival)))


class CallsTheUnknownFailed(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, said=Said.FAILED) if report.said is Said.UNKNOWN else report
            for report in super().read_callback(arrival)
        ]


class CallsEverythingPaid(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [replace(each, said=Said.PAID) for each in super().read_callback(arrival)]


class TakesOneFlagForTwo(BadRail):
    """Looks at vnp_ResponseCode alone."""

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(each, said=Said.PAID) if each.code.startswith("00") else each
            for each in super().read_callback(arrival)
        ]


class ReadsATwelveHourClock(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, paid_at=report.paid_at - timedelta(hours=12))
            if report.paid_at.hour in {5, 6}
            else report
            for report in super().read_callback(arrival)
        ]


class ReadsTheClockOfItsHost(BadRail):
    """Takes the rail's time for UTC, as a server in UTC would."""

    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(each, paid_at=each.paid_at + timedelta(hours=7))
            for each in super().read_callback(arrival)
        ]


class CutsReferences(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, attempt_ref=AttemptRef(report.attempt_ref[:12]))
            for report in super().read_callback(arrival)
        ]


class CutsTheirNumbers(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(report, rail_txn=None if report.rail_txn is None else report.rail_txn[:9])
            for report in super().read_callback(arrival)
        ]


class NamesMoneyByTheOrder(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [replace(report, rail_txn=None) for report in super().read_callback(arrival)]


class ReadsAmountsAsFloats(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return super().read_callback(arrival)
        except UnreadableError:
            fields, amount = self.loosely(arrival), self.dialect.names.amount
            try:
                fields[amount] = str(int(float(fields[amount])))
            except (ValueError, OverflowError):
                raise UnreadableError from None
            return super().read_callback(self.signed_again(arrival, fields))


class LosesRemainders(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return super().read_callback(arrival)
        except UnreadableError:
            fields, amount = self.loosely(arrival), self.dialect.names.amount
            fields[amount] = str(int(fields[amount]) // 100 * 100)
            return super().read_callback(self.signed_again(arrival, fields))


class TakesEveryCurrency(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return super().read_callback(arrival)
        except UnreadableError:
            fields = {**self.loosely(arrival), "CURRENCY_CODE": "VND"}
            return super().read_callback(self.signed_again(arrival, fields))


class TakesWhatIsForOthers(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        try:
            return super().read_callback(arrival)
        except BadSignatureError as error:
            if "account" not in str(error):
                raise
            ours = self.dialect.rail.rehearse().values
            terminal = ours.get("tmn_code") or ours["merchant_service_id"]
            fields = {**self.loosely(arrival), self.dialect.names.merchant: terminal[0]}
            return super().read_callback(self.signed_again(arrival, fields))


class RoundsAmounts(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [
            replace(each, amount=Money(each.amount.dong // 100 * 100))
            for each in super().read_callback(arrival)
        ]


class TellsTheUsualFee(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        return [replace(each, amount=Money(5_000)) for each in super().read_callback(arrival)]


class KnowsOnlyTheFirstKey(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        first = self.dialect.keys_of(self.good)[:1]
        reports: list[Report] = self.dialect.with_keys(self.good, first).read_callback(arrival)
        return reports


class CrashesOnNoise(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        arrival.body.decode()
        return super().read_callback(arrival)


class KeepsNoiseForEver(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not self.loosely(arrival):
            raise UnreadableError
        return super().read_callback(arrival)


class ComparesHexadecimalAsText(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if self.loosely(arrival).get(self.dialect.seal, "").isupper():
            raise BadSignatureError
        return super().read_callback(arrival)


class StumblesOverForeignFields(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if b"utm_source" in arrival.body + arrival.query:
            raise BadSignatureError
        return super().read_callback(arrival)


class ReadsOnlyOneForm(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if b"%20" in arrival.query or arrival.body[:1] not in {b"", b"{"}:
            raise BadSignatureError
        return super().read_callback(arrival)


class StumblesOverVietnamese(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if not "".join(map(str, self.loosely(arrival).values())).isascii():
            raise BadSignatureError
        return super().read_callback(arrival)


class ForgivesAMissingField(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        name, value = self.dialect.forgiven
        fields = self.loosely(arrival)
        if name in fields:
            return super().read_callback(arrival)
        return super().read_callback(self.signed_again(arrival, {name: value, **fields}))


class NeedsTheUsualOrder(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        if next(iter(self.loosely(arrival)), "") == self.dialect.seal:
            raise BadSignatureError
        return super().read_callback(arrival)


class JoinsWithoutLooking(BadRail):
    def read_callback(self, arrival: Arrival) -> list[Report]:
        fields, key = self.loosely(arrival), self.dialect.keys_of(self.good)[0]
        expected = sign(fields, self.dialect.profile.fields, key)
        given = str(fields.get(self.dialect.seal, ""))
        if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
            return super().read_callback(arrival)
        plain = {name: value.replace("|", " ") for name, value in fields.items()}
        return super().read_callback(self.signed_again(arrival, plain))


READING_SINS: list[tuple[type[BadRail], str, tuple[Dialect, ...]]] = [
    (VerifiesOnlySuccess, "every_changed_character_is_refused", DIALECTS),
    (VerifiesNothing, "a_weaker_signature_is_refused", DIALECTS),
    (TakesTheLastOfARepeatedName, "every_repeated_field_is_refused", DIALECTS),
    (CallsTheUnknownFailed, "an_unknown_code_is_unknown", DIALECTS),
    (CallsEverythingPaid, "every_documented_code_means_what_its_source_says", DIALECTS),
    (CallsEverythingPaid, "who_has_not_paid_is_never_paid", DIALECTS),
    (TakesOneFlagForTwo, "every_documented_code_means_what_its_source_says", (VNPAY,)),
    (ReadsATwelveHourClock, "every_hour_is_read_by_the_clock_of_viet_nam", DIALECTS),
    (ReadsTheClockOfItsHost, "every_hour_is_read_by_the_clock_of_viet_nam", DIALECTS),
    (CutsReferences, "a_report_repeats_what_the_rail_said", DIALECTS),
    (CutsTheirNumbers, "what_is_paid_is_told_as_it_was_started", DIALECTS),
    (NamesMoneyByTheOrder, "two_payments_have_two_names", DIALECTS),
    (ReadsAmountsAsFloats, "an_amount_is_plain_digits", DIALECTS),
    (LosesRemainders, "a_remainder_of_the_unit_is_unreadable", (VNPAY,)),
    (TakesEveryCurrency, "another_currency_is_unreadable", (VNPTPAY,)),
    (TakesWhatIsForOthers, "a_callback_for_another_merchant_is_refused", DIALECTS),
    (RoundsAmounts, "an_amount_is_told_to_the_dong", DIALECTS),
    (TellsTheUsualFee, "an_amount_is_told_to_the_dong", DIALECTS),
    (TellsTheUsualFee, "another_amount_is_told_as_it_came", DIALECTS),
    (KnowsOnlyTheFirstKey, "keys_rotate_with_overlap", DIALECTS),
    (CrashesOnNoise, "noise_is_refused_and_never_crashes", DIALECTS),
    (KeepsNoiseForEver, "noise_is_refused_and_never_crashes", DIALECTS),
    (ComparesHexadecimalAsText, "hexadecimal_is_read_in_both_cases", DIALECTS),
    (StumblesOverForeignFields, "foreign_fields_are_never_used", DIALECTS),
    (ReadsOnlyOneForm, "a_signed_callback_is_read_in_every_form", DIALECTS),
    (StumblesOverVietnamese, "any_text_survives_the_way", DIALECTS),
    (CutsReferences, "long_references_that_begin_alike_differ", DIALECTS),
    (ForgivesAMissingField, "every_dropped_field_is_refused_or_was_empty", DIALECTS),
    (NeedsTheUsualOrder, "the_order_of_fields_tells_nothing", DIALECTS),
    (JoinsWithoutLooking, "a_border_between_fields_cannot_be_moved", (VNPTPAY,)),
]
