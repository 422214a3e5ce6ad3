"""The gateway's server for merchants: querydr and refund."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from providers.contract import Arrival, HttpReply
from providers.vnpay.emulator import wire
from providers.vnpay.emulator.book import Charge, Refund, Session

OK, BAD_MERCHANT, BAD_FORMAT, NOT_FOUND = "00", "02", "03", "91"
AGAIN, NOT_PAID, BAD_CHECKSUM = "94", "95", "97"
PAYMENT, FULL, PARTIAL = "01", "02", "03"
WORDS = {
    OK: "Success",
    BAD_MERCHANT: "Invalid merchant",
    BAD_FORMAT: "Invalid data",
    NOT_FOUND: "Transaction not found",
    AGAIN: "Duplicate request",
    NOT_PAID: "Transaction was not successful",
    BAD_CHECKSUM: "Invalid checksum",
}


@dataclass(slots=True)
class Office:
    """Answers the merchant's server."""

    terminal: str
    keys: tuple[str, ...]
    sessions: Mapping[str, Session]
    numbers: Iterator[int]
    refunds_end: str = "succeed"
    heard: set[str] = field(default_factory=set)

    def answer(self, arrival: Arrival) -> HttpReply | None:
        """Return the answer to a question or a refund; None where the line is to be cut."""
        try:
            asked = wire.read_json(arrival.body)
        except ValueError:
            return self._said({}, wire.SIGNED_QUERY_REPLY, BAD_FORMAT)
        if asked.get("vnp_Command") == "refund":
            return self._refund(asked, arrival.arrived_at)
        return self._query(asked, arrival.arrived_at)

    def _query(self, asked: Mapping[str, str], now: datetime) -> HttpReply:
        refusal = self._refused(asked, wire.SIGNED_QUERY)
        session = self._session(asked)
        if refusal or session is None:
            return self._said(asked, wire.SIGNED_QUERY_REPLY, refusal or NOT_FOUND)
        told = _refunded(session) if session.refunds else _standing(session, now)
        return self._said(asked, wire.SIGNED_QUERY_REPLY, OK, {**_order(session), **told})

    def _refund(self, asked: Mapping[str, str], now: datetime) -> HttpReply | None:
        refusal = self._refused(asked, wire.SIGNED_REFUND)
        session = self._session(asked)
        if refusal or session is None:
            return self._said(asked, wire.SIGNED_REFUND_REPLY, refusal or NOT_FOUND)
        charge = session.taken(asked.get("vnp_TransactionNo", ""), now)
        if charge is None:
            return self._said(asked, wire.SIGNED_REFUND_REPLY, NOT_PAID)
        if any(each.ends == "pend" for each in session.refunds):
            return self._said(asked, wire.SIGNED_REFUND_REPLY, AGAIN)
        refund = self._taken_on(asked, session, charge, now)
        if refund is None:
            return self._said(asked, wire.SIGNED_REFUND_REPLY, BAD_FORMAT)
        if refund.ends == "timeout_after_doing":
            return None
        told = {**_order(session), **_told(refund, "05"), "vnp_OrderInfo": asked["vnp_OrderInfo"]}
        return self._said(asked, wire.SIGNED_REFUND_REPLY, OK, told)

    def _refused(self, asked: Mapping[str, str], signed: str) -> str:
        """Return the code of a refusal, empty where there is none."""
        if any(not asked.get(f"vnp_{name}") for name in signed.split()):
            return BAD_FORMAT
        if asked["vnp_TmnCode"] != self.terminal:
            return BAD_MERCHANT
        if not wire.is_signed(asked, signed, self.keys):
            return BAD_CHECKSUM
        try:
            wire.moment_of(asked["vnp_CreateDate"])
        except ValueError:
            return BAD_FORMAT
        if asked["vnp_RequestId"] in self.heard:
            return AGAIN
        self.heard.add(asked["vnp_RequestId"])
        return ""

    def _session(self, asked: Mapping[str, str]) -> Session | None:
        # The rail finds a payment by its order and the time of its start.
        session = self.sessions.get(asked.get("vnp_TxnRef", ""))
        same = session is not None and session.create_date == asked.get("vnp_TransactionDate")
        return session if same else None

    def _taken_on(
        self, asked: Mapping[str, str], session: Session, charge: Charge, now: datetime
    ) -> Refund | None:
        kind = asked["vnp_TransactionType"]
        try:
            amount = wire.dong(asked["vnp_Amount"])
        except ValueError:
            return None
        whole = amount == charge.amount
        fits = amount and session.given_back + amount <= charge.amount
        if not fits or kind != (FULL if whole else PARTIAL):
            return None
        number = f"{wire.stamp(now)[2:]}{next(self.numbers) % 1000:03}"
        refund = Refund(asked["vnp_RequestId"], kind, amount, number, now, self.refunds_end)
        session.refunds.append(refund)
        return refund

    def _said(
        self,
        asked: Mapping[str, str],
        signed: str,
        code: str,
        told: Mapping[str, str] | None = None,
    ) -> HttpReply:
        said = {
            **{f"vnp_{name}": "" for name in signed.split()},
            "vnp_ResponseId": f"a{next(self.numbers)}",
            "vnp_Command": asked.get("vnp_Command", ""),
            "vnp_ResponseCode": code,
            "vnp_Message": WORDS[code],
            "vnp_TmnCode": self.terminal,
            "vnp_TxnRef": asked.get("vnp_TxnRef", ""),
            **(told or {}),
        }
        return wire.json_reply(said, signed, self.keys[0])


def _order(session: Session) -> dict[str, str]:
    return {"vnp_BankCode": session.bank or "NCB", "vnp_OrderInfo": session.text}


def _standing(session: Session, now: datetime) -> dict[str, str]:
    """Return what stands of the payment; a delayed charge is not completed until its time."""
    charge = session.taken("", now)
    if charge is None:
        failed = session.declined and not session.charges
        return {
            "vnp_Amount": wire.cents(session.amount),
            "vnp_TransactionNo": "0",
            "vnp_TransactionType": PAYMENT,
            "vnp_TransactionStatus": "02" if failed else "01",
        }
    return {
        "vnp_Amount": wire.cents(charge.amount),
        "vnp_PayDate": wire.stamp(charge.at),
        "vnp_TransactionNo": charge.number,
        "vnp_TransactionType": PAYMENT,
        "vnp_TransactionStatus": "00",
    }


def _refunded(session: Session) -> dict[str, str]:
    """Return what stands of the last refund: a question names the payment alone."""
    refund = session.refunds[-1]
    return _told(refund, refund.status())


def _told(refund: Refund, status: str) -> dict[str, str]:
    return {
        "vnp_Amount": wire.cents(refund.amount),
        "vnp_PayDate": wire.stamp(refund.at),
        "vnp_TransactionNo": refund.number,
        "vnp_TransactionType": refund.kind,
        "vnp_TransactionStatus": status,
    }
