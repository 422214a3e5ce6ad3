"""Rails that give money back with one sin each, and the case that must find it."""

from __future__ import annotations

from dataclasses import replace

from paygate.domain.money import Money
from providers.contract import (
    Ask,
    AttemptFacts,
    BadSignatureError,
    HttpReply,
    RefundFacts,
    RefundOrder,
    RefundReport,
    RefundSaid,
    Report,
    UnreadableError,
)
from providers.vnpay.messages import QUERY_REPLY, REFUND_REPLY
from tests.providers.conformance.bad_rail import VNPAY, BadRail, Dialect
from tests.providers.vnpay.builders import signed_reply


class BadRefunder(BadRail):
    """Hands refunds through; most sins sit in `taken`."""

    def taken(self, report: RefundReport) -> RefundReport:
        return report

    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        ask: Ask[RefundReport] = self.good.ask_refund(refund)
        return Ask(ask.call, lambda reply: self.taken(ask.read(reply)))


class TakesSilenceForFailure(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        ask = super().ask_refund(refund)

        def read(reply: HttpReply) -> RefundReport:
            try:
                return ask.read(reply)
            except (UnreadableError, BadSignatureError):
                return RefundReport(
                    wire_ref=refund.wire_ref,
                    rail_refund=None,
                    amount=refund.amount,
                    said=RefundSaid.FAILED,
                    code="",
                    at=refund.ordered_at,
                )

        return Ask(ask.call, read)


class TakesAskedBeforeForFailure(BadRefunder):
    def taken(self, report: RefundReport) -> RefundReport:
        return replace(report, said=RefundSaid.FAILED) if report.code == "94" else report


class TakesAcceptedForDone(BadRefunder):
    def taken(self, report: RefundReport) -> RefundReport:
        return replace(report, said=RefundSaid.SUCCEEDED) if report.code == "00" else report


class CallsTheUnknownFailed(BadRefunder):
    def taken(self, report: RefundReport) -> RefundReport:
        unknown = report.said is RefundSaid.UNKNOWN
        return replace(report, said=RefundSaid.FAILED) if unknown else report


class BelievesWhoeverAnswers(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        ask, key = super().ask_refund(refund), self.dialect.keys_of(self.good)[0]
        return Ask(ask.call, lambda reply: ask.read(signed_reply(reply, REFUND_REPLY, key)))


class ForgetsThatItAskedBefore(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        return super().ask_refund(replace(refund, again=False))


class AsksAnew(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        wire_ref = f"{refund.wire_ref}1" if refund.again else refund.wire_ref
        return super().ask_refund(replace(refund, wire_ref=wire_ref))


class RefundsWhatItCan(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        amount = max(Money(1), min(refund.amount, refund.collected))
        return super().ask_refund(replace(refund, amount=amount))


class CutsTheReference(BadRefunder):
    def ask_refund(self, refund: RefundOrder) -> Ask[RefundReport]:
        return super().ask_refund(replace(refund, wire_ref=refund.wire_ref[:10]))


class TakesAnyRefundForThisOne(BadRefunder):
    def ask_refund_status(self, refund: RefundFacts) -> Ask[RefundReport]:
        forgot = replace(refund, rail_refund=None, others=())
        ask: Ask[RefundReport] = self.good.ask_refund_status(forgot)
        return ask


class ReadsTheCodeOfTheQuestion(BadRefunder):
    def ask_refund_status(self, refund: RefundFacts) -> Ask[RefundReport]:
        ask: Ask[RefundReport] = self.good.ask_refund_status(refund)
        return Ask(ask.call, lambda reply: replace(ask.read(reply), said=RefundSaid.SUCCEEDED))


class TakesARefundForAPayment(BadRefunder):
    def ask_status(self, attempt: AttemptFacts) -> Ask[Report]:
        ask, key = super().ask_status(attempt), self.dialect.keys_of(self.good)[0]

        def read(reply: HttpReply) -> Report:
            told = signed_reply(reply, QUERY_REPLY, key, vnp_TransactionType="01")
            return ask.read(told)

        return Ask(ask.call, read)


_ONLY = (VNPAY,)
REFUNDING_SINS: list[tuple[type[BadRail], str, tuple[Dialect, ...]]] = [
    (TakesSilenceForFailure, "half_an_answer_about_a_refund_says_nothing", _ONLY),
    (TakesSilenceForFailure, "an_answer_about_another_refund_says_nothing", _ONLY),
    (TakesAskedBeforeForFailure, "a_refund_that_was_sent_again_has_not_failed", _ONLY),
    (TakesAskedBeforeForFailure, "every_refund_code_means_what_its_source_says", _ONLY),
    (TakesAcceptedForDone, "every_refund_code_means_what_its_source_says", _ONLY),
    (CallsTheUnknownFailed, "an_unknown_refund_code_is_unknown", _ONLY),
    (BelievesWhoeverAnswers, "a_refund_is_believed_only_when_it_is_signed", _ONLY),
    (ForgetsThatItAskedBefore, "a_refusal_of_a_second_sending_is_unknown", _ONLY),
    (AsksAnew, "a_refund_is_the_same_for_ever", _ONLY),
    (RefundsWhatItCan, "an_amount_that_cannot_go_back_is_not_asked_for", _ONLY),
    (CutsTheReference, "refunds_that_differ_differ_on_the_wire", _ONLY),
    (TakesAnyRefundForThisOne, "an_answer_about_another_refund_says_nothing", _ONLY),
    (ReadsTheCodeOfTheQuestion, "a_refund_ends_as_the_rail_lets_it_end", _ONLY),
    (TakesARefundForAPayment, "a_refund_is_never_taken_for_a_payment", _ONLY),
]
