"""The wallet's callbacks made to order, for the conformance suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from paygate.domain.outcome import Outcome
from providers.contract import (
    Arrival,
    Fields,
    HttpCall,
    HttpReply,
    Said,
    Sample,
    Values,
    WireNames,
)
from providers.vnptpay.codes import EMULATED_STATUSES, MEANINGS
from providers.vnptpay.emulator import wire
from providers.vnptpay.emulator.house import Charge, callback_fields, sign_callback

SERVICE = "6901"
KEY = "rehearsal-key-00000000000000000000"
NAMES = WireNames(
    signature="SECURE_CODE",
    reference="MERCHANT_ORDER_ID",
    amount="AMOUNT",
    currency="CURRENCY_CODE",
    merchant="MERCHANT_SERVICE_ID",
    code="RESPONSE_CODE",
    text="ADDITIONAL_INFO",
    signed=wire.SIGNED_CALLBACK,
)
ANSWERS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.APPLIED: "00",
        Outcome.KNOWN: "00",
        Outcome.CONTRADICTS: "00",
        Outcome.AMOUNT_DIFFERS: "00",
        Outcome.UNKNOWN_ATTEMPT: "01",
        Outcome.BAD_SIGNATURE: "97",
        Outcome.UNREADABLE: "99",
        Outcome.TROUBLE: "99",
    }
)
"""What a public receiver answers, written down apart from the adapter's own table."""


@dataclass(frozen=True, slots=True)
class VnptRehearsal:
    """Callbacks of a wallet that never was."""

    @property
    def values(self) -> Values:
        return {
            "merchant_service_id": (SERVICE,),
            "secret_key": (KEY,),
            "api_key": ("rehearsal-bearer",),
            "base_url": ("https://wallet.example",),
            "transaction_statuses": tuple(
                f"{code}={said}" for code, said in EMULATED_STATUSES.items()
            ),
        }

    @property
    def key_name(self) -> str:
        return "secret_key"

    @property
    def forms(self) -> tuple[str, ...]:
        return wire.FORMS

    @property
    def names(self) -> WireNames:
        return NAMES

    @property
    def meanings(self) -> Mapping[str, Said]:
        return {code: meaning.said for code, meaning in MEANINGS.items()}

    @property
    def answers(self) -> Mapping[Outcome, str]:
        return ANSWERS

    def callback(self, sample: Sample) -> Fields:
        charge = Charge(sample.rail_txn, sample.amount, sample.paid_at)
        return callback_fields(
            service=SERVICE, reference=sample.attempt_ref, code=sample.code, charge=charge
        )

    def sign(self, fields: Fields, key: str) -> Fields:
        return sign_callback(fields, key)

    def arrival(self, fields: Fields, *, form: str, at: datetime) -> Arrival:
        headers, body = wire.written(fields, form)
        return Arrival("POST", "/", b"", tuple(headers.items()), body, at)

    def started_at(self, call: HttpCall) -> datetime:
        return wire.moment_of(wire.read_json(call.body)["CREATE_DATE"])

    def answer_word(self, reply: HttpReply) -> str:
        said = wire.read_json(reply.body)
        if not wire.is_signed(said, wire.SIGNED_ANSWER, (KEY,)):
            raise ValueError("our answer is not signed")
        return said["RESPONSE_CODE"]


def rehearse() -> VnptRehearsal:
    """Return the rehearsal of this rail."""
    return VnptRehearsal()
