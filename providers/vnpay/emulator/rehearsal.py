"""The gateway's messages made to order, for the conformance suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Fields,
    HttpCall,
    HttpReply,
    RefundOrder,
    RefundSaid,
    Said,
    Sample,
    Values,
    WireNames,
)
from providers.vnpay.emulator import wire
from providers.vnpay.emulator.book import Charge, Session, callback_fields

TERMINAL = "PAYGATE1"
KEY = "PAYGATEVNPAYREHEARSAL00000000000"
NAMES = WireNames(
    signature="vnp_SecureHash",
    reference="vnp_TxnRef",
    amount="vnp_Amount",
    currency="",  # a callback names none
    merchant="vnp_TmnCode",
    code="vnp_ResponseCode",
    text="vnp_OrderInfo",
    signed=(
        "vnp_Amount",
        "vnp_BankCode",
        "vnp_BankTranNo",
        "vnp_CardType",
        "vnp_OrderInfo",
        "vnp_PayDate",
        "vnp_ResponseCode",
        "vnp_TmnCode",
        "vnp_TransactionNo",
        "vnp_TransactionStatus",
        "vnp_TxnRef",
    ),
    unit=100,
)
MEANINGS: Mapping[str, Said] = MappingProxyType(
    {
        "00": Said.PAID,
        "24": Said.CANCELLED,
        **dict.fromkeys(("09", "10", "11", "12", "13", "51", "65", "75", "79", "99"), Said.FAILED),
        "07": Said.PENDING,
        "07/00": Said.PENDING,
        "07/07": Said.PENDING,
        "00/01": Said.PENDING,
        "00/04": Said.PENDING,
        "00/07": Said.PENDING,
        # One flag of success is none.
        "00/02": Said.UNKNOWN,
        "24/00": Said.UNKNOWN,
        "51/00": Said.UNKNOWN,
        "00/05": Said.UNKNOWN,
        "00/99": Said.UNKNOWN,
        "98/00": Said.UNKNOWN,
    }
)
"""Both codes of a callback, as `RESPONSE/STATUS`; the first alone goes with the usual second."""

ANSWERS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.APPLIED: "00",
        Outcome.KNOWN: "02",
        Outcome.CONTRADICTS: "02",
        Outcome.AMOUNT_DIFFERS: "04",
        Outcome.UNKNOWN_ATTEMPT: "01",
        Outcome.BAD_SIGNATURE: "97",
        Outcome.UNREADABLE: "99",
        Outcome.TROUBLE: "99",
    }
)
"""What VNPAY's document asks for, written down apart from the adapter's own table."""

REFUND_MEANINGS: Mapping[str, RefundSaid] = MappingProxyType(
    {
        "00": RefundSaid.PENDING,  # with the status 05, as in VNPAY's own example
        "94": RefundSaid.UNKNOWN,
        "99": RefundSaid.UNKNOWN,
        **dict.fromkeys(("02", "03", "91", "95", "97"), RefundSaid.FAILED),
    }
)
REFUND_STATUSES: Mapping[str, RefundSaid] = MappingProxyType(
    {
        "00": RefundSaid.SUCCEEDED,
        "05": RefundSaid.PENDING,
        "06": RefundSaid.PENDING,
        "09": RefundSaid.FAILED,
        **dict.fromkeys(("01", "02", "04", "07"), RefundSaid.UNKNOWN),
    }
)


@dataclass(frozen=True, slots=True)
class VnpayRehearsal:
    """Messages of a gateway that never was."""

    @property
    def values(self) -> Values:
        return {
            "tmn_code": (TERMINAL,),
            "hash_secret": (KEY,),
            "base_url": ("https://wallet.example",),
        }

    @property
    def key_name(self) -> str:
        return "hash_secret"

    @property
    def forms(self) -> tuple[str, ...]:
        return wire.FORMS

    @property
    def names(self) -> WireNames:
        return NAMES

    @property
    def meanings(self) -> Mapping[str, Said]:
        return MEANINGS

    @property
    def answers(self) -> Mapping[Outcome, str]:
        return ANSWERS

    @property
    def refund_meanings(self) -> Mapping[str, RefundSaid]:
        return REFUND_MEANINGS

    @property
    def refund_statuses(self) -> Mapping[str, RefundSaid]:
        return REFUND_STATUSES

    def callback(self, sample: Sample) -> Fields:
        session = Session(sample.attempt_ref, sample.amount, "Le phi ho so", "", "VNBANK", "")
        response, slash, status = sample.code.partition("/")
        usual = "00" if response == "00" else "02"
        return callback_fields(
            terminal=TERMINAL,
            session=session,
            codes=(response, status if slash else usual),
            charge=Charge(sample.rail_txn, sample.amount, sample.paid_at),
        )

    def sign(self, fields: Fields, key: str) -> Fields:
        return wire.sign_address(fields, key)

    def arrival(self, fields: Fields, *, form: str, at: datetime) -> Arrival:
        return Arrival("GET", "/", wire.written(fields, form).encode(), (), b"", at)

    def started_at(self, call: HttpCall) -> datetime:
        return wire.moment_of(parse_qs(urlsplit(call.url).query)["vnp_CreateDate"][0])

    def answer_word(self, reply: HttpReply) -> str:
        said = wire.read_json(reply.body)
        if reply.status != 200 or set(said) != {"RspCode", "Message"}:  # noqa: PLR2004  # HTTP's OK
            raise ValueError("not an answer to a callback")
        return said["RspCode"]

    def refund_reply(self, order: RefundOrder, code: str, *, signed: bool) -> HttpReply:
        status = "05" if code == "00" else ""
        said = _refund_fields(order, command="refund", code=code, status=status)
        return wire.json_reply(said, wire.SIGNED_REFUND_REPLY, KEY if signed else None)

    def refund_status_reply(
        self, order: RefundOrder, status: str, *, rail_refund: str
    ) -> HttpReply:
        said = _refund_fields(order, command="querydr", code="00", status=status)
        said["vnp_TransactionNo"] = rail_refund
        return wire.json_reply(said, wire.SIGNED_QUERY_REPLY, KEY)


def rehearse() -> VnpayRehearsal:
    """Return the rehearsal of this rail."""
    return VnpayRehearsal()


def _refund_fields(order: RefundOrder, *, command: str, code: str, status: str) -> dict[str, str]:
    whole = order.amount == order.collected
    told = {
        "vnp_Amount": wire.cents(Money(order.amount.dong)),
        "vnp_BankCode": "NCB",
        "vnp_PayDate": wire.stamp(order.ordered_at),
        "vnp_TransactionNo": "14226200",
        "vnp_TransactionType": "02" if whole else "03",
        "vnp_TransactionStatus": status,
        "vnp_OrderInfo": "Hoan tien",
    }
    return {
        "vnp_ResponseId": "def456",
        "vnp_Command": command,
        "vnp_ResponseCode": code,
        "vnp_Message": "x",
        "vnp_TmnCode": TERMINAL,
        "vnp_TxnRef": str(order.attempt_ref),
        **(told if code == "00" else {}),
    }
