"""The wallet: it opens sessions, takes money, calls back, and answers questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from paygate.domain.money import ZERO, Money
from providers.contract import (
    Arrival,
    EmulatorPlace,
    Errand,
    Fields,
    HttpCall,
    HttpReply,
    Values,
    Visit,
)
from providers.hosted_page import (
    AMOUNT,
    REFERENCE,
    TEXT,
    Look,
    closed_page,
    lost_page,
    payment_page,
)
from providers.vnptpay.codes import BAD_CODE, NOT_FOUND, OK, OTHER
from providers.vnptpay.emulator import wire

LOOK = Look(
    title="VNPT Money – môi trường thử nghiệm",  # Vietnamese sets off with a dash
    colour="#0a4f8f",
    taken="Khoản này đã được thanh toán. Ví không trừ tiền thêm lần nào nữa.",
)

PAID, PENDING, FAILED = "00", "01", "99"
WRONG_BY = Money(1_000)
DELAY_S, DELAY_S_MAX = 5, 3_600
_SECONDS = re.compile(r"[0-9]{1,4}")
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
NO_KEY = "a key that nobody agreed on"
WISHES: Mapping[str, tuple[str, ...]] = {
    "next_init": ("normal", "early_callback", "timeout", "refuse"),
    "callback_form": wire.FORMS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What follows when the citizen presses a button."""

    rumour: str  # the code that the browser carries home
    charges: int = 0
    copies: int = 1  # of the callback about each charge
    off_by: Money = ZERO
    late: bool = False
    early: bool = False
    declines: bool = False
    forged: bool = False
    drops: bool = False


CHOICES: Mapping[str, Choice] = {
    "pay": Choice(rumour=PAID, charges=1),
    "decline": Choice(rumour=FAILED, declines=True),
    "abandon": Choice(rumour=PENDING),
    "delay": Choice(rumour=PENDING, charges=1, late=True),
    "pay_twice": Choice(rumour=PAID, charges=2),
    "wrong_amount": Choice(rumour=PAID, charges=1, off_by=WRONG_BY),
    "lose_callback": Choice(rumour=PAID, charges=1, copies=0),
    "double_callback": Choice(rumour=PAID, charges=1, copies=2),
    "forge_callback": Choice(rumour=PAID, forged=True),
    "early_callback": Choice(rumour=PAID, charges=1, early=True),
    "charge_then_timeout": Choice(rumour=PAID, charges=1, copies=0, drops=True),
}


@dataclass(frozen=True, slots=True)
class Charge:
    """One time that the wallet took money."""

    txn: str
    amount: Money
    at: datetime


@dataclass(slots=True)
class Session:
    """What the wallet knows of one INIT."""

    reference: str
    amount: Money
    text: str
    create_date: str
    declined_at: datetime | None = None
    charges: list[Charge] = field(default_factory=list)


@dataclass(slots=True)
class VnptMoney:
    """The wallet's side for one merchant."""

    service: str
    keys: tuple[str, ...]
    bearers: tuple[str, ...]
    version: str
    place: EmulatorPlace
    sessions: dict[str, Session] = field(default_factory=dict)
    wishes: dict[str, str] = field(
        default_factory=lambda: {name: choices[0] for name, choices in WISHES.items()}
    )
    charged: int = 0

    def visit(self, arrival: Arrival) -> Visit:
        api = f"/rest/payment/v{self.version}"
        match arrival.method, arrival.path.strip("/").split("/"):
            case "POST", _ if arrival.path == f"{api}/init":
                return self._init(arrival)
            case "POST", _ if arrival.path == f"{api}/query_transaction":
                return Visit(self._query(arrival))
            case "GET", ["pay", reference] if reference in self.sessions:
                return Visit(self._show(self.sessions[reference]))
            case "POST", ["pay", reference] if reference in self.sessions:
                return self._chosen(self.sessions[reference], arrival)
            case _:
                return Visit(lost_page(LOOK))

    def control(self, wishes: Mapping[str, str]) -> None:
        for name, wish in wishes.items():
            if wish not in WISHES.get(name, ()):
                raise ValueError(f"this wallet cannot do {name}={wish}")
        self.wishes.update(wishes)

    def acknowledged(self, reply: HttpReply) -> bool:
        try:
            said = wire.read_json(reply.body)
        except ValueError:
            return False
        return said.get("RESPONSE_CODE") == OK and wire.is_signed(
            said, wire.SIGNED_ANSWER, self.keys
        )

    # ---- what the merchant's server asks --------------------------------------------------
    def _init(self, arrival: Arrival) -> Visit:
        wish = self.wishes["next_init"]
        self.wishes["next_init"] = "normal"
        asked, refusal = self._heard(arrival, wire.SIGNED_INIT)
        if not refusal and wish == "refuse":
            refusal = OTHER
        session = None if refusal else self._opened(asked)
        if session is None:
            return Visit(self._opening(refusal or OTHER, ""))
        reply = self._opening(OK, f"{self.place.base_url}/pay/{session.reference}")
        if wish == "timeout":
            return Visit(None)
        if wish == "early_callback":
            told = self._paid(session, arrival.arrived_at, amount=session.amount)
            return Visit(reply, before=(told,))
        return Visit(reply)

    def _heard(self, arrival: Arrival, signed: tuple[str, ...]) -> tuple[dict[str, str], str]:
        """Return what was asked, and the code of a refusal, empty where there is none."""
        try:
            asked = wire.read_json(arrival.body)
        except ValueError:
            return {}, OTHER
        if arrival.header("Authorization") not in [f"Bearer {each}" for each in self.bearers]:
            return asked, OTHER
        if not wire.is_signed(asked, signed, self.keys):
            return asked, BAD_CODE
        ours = asked["MERCHANT_SERVICE_ID"] == self.service and asked["VERSION"] == self.version
        return asked, "" if ours else OTHER

    def _opened(self, asked: Mapping[str, str]) -> Session | None:
        """Return the session of an INIT, the same one for the same INIT; None if it is wrong."""
        reference, amount = asked["MERCHANT_ORDER_ID"], asked["AMOUNT"]
        if not _REFERENCE.fullmatch(reference) or asked["CURRENCY_CODE"] != "VND":
            return None
        if not (amount.isascii() and amount.isdigit()) or amount != asked["AMOUNT_DETAIL"]:
            return None
        try:
            wire.moment_of(asked["CREATE_DATE"])
        except ValueError:
            return None
        opened = Session(reference, Money(int(amount)), asked["DESCRIPTION"], asked["CREATE_DATE"])
        known = self.sessions.setdefault(reference, opened)
        same = (known.amount, known.create_date) == (opened.amount, opened.create_date)
        return known if same and opened.amount else None

    def _opening(self, code: str, url: str) -> HttpReply:
        said = {"RESPONSE_CODE": code, "DESCRIPTION": _word(code), "REDIRECT_URL": url}
        return self._signed(said, wire.SIGNED_INIT_REPLY)

    def _query(self, arrival: Arrival) -> HttpReply:
        asked, refusal = self._heard(arrival, wire.SIGNED_QUERY)
        session = self.sessions.get(asked.get("MERCHANT_ORDER_ID", ""))
        # The rail finds a payment by its order and the time of its INIT.
        if not refusal and (session is None or session.create_date != asked["CREATE_DATE"]):
            refusal = NOT_FOUND
        said = dict.fromkeys(wire.SIGNED_QUERY_REPLY, "")
        said |= {"RESPONSE_CODE": refusal or OK, "DESCRIPTION": _word(refusal or OK)}
        if not refusal and session is not None:
            said |= _standing(session, arrival.arrived_at)
        return self._signed(said, wire.SIGNED_QUERY_REPLY)

    def _signed(self, said: dict[str, str], names: tuple[str, ...]) -> HttpReply:
        return wire.json_reply(said | {"SECURE_CODE": wire.secure_code(said, names, self.keys[0])})

    # ---- what the citizen does ------------------------------------------------------------
    def _show(self, session: Session, note: str = "") -> HttpReply:
        facts = {
            TEXT: session.text,
            REFERENCE: session.reference,
            AMOUNT: str(session.amount),
        }
        if session.charges:
            return closed_page(LOOK, facts=facts)
        return payment_page(LOOK, send_to=session.reference, facts=facts, note=note)

    def _chosen(self, session: Session, arrival: Arrival) -> Visit:
        if session.charges:
            return Visit(self._show(session))
        form, now = wire.read_page_form(arrival), arrival.arrived_at
        choice = CHOICES.get(form.get("action", ""))
        seconds = form.get("seconds") or str(DELAY_S)
        if choice is None or not (_SECONDS.fullmatch(seconds) and int(seconds) <= DELAY_S_MAX):
            return Visit(self._show(session, "Lựa chọn không hợp lệ."))
        amount, wait_s = session.amount + choice.off_by, int(seconds) if choice.late else 0
        charges = [
            self._paid(session, now, amount=amount, after_s=wait_s) for _ in range(choice.charges)
        ]
        told = tuple(errand for errand in charges for _ in range(choice.copies))
        if choice.declines:
            session.declined_at = now
            told = (Errand(self._told(session, FAILED, self._charge(session.amount, now))),)
        if choice.forged:
            lie = self._told(session, PAID, self._charge(session.amount, now), key=NO_KEY)
            told = (Errand(lie, once=True),)
        if choice.drops:
            return Visit(None, after=told)
        home = self._home(session, choice.rumour)
        return Visit(home, before=told) if choice.early else Visit(home, after=told)

    def _paid(self, session: Session, now: datetime, *, amount: Money, after_s: int = 0) -> Errand:
        charge = self._charge(amount, now + timedelta(seconds=after_s))
        session.charges.append(charge)
        return Errand(self._told(session, PAID, charge), after_s=after_s)

    def _charge(self, amount: Money, at: datetime) -> Charge:
        # The second is part of the number, so that a wallet that forgot everything repeats none.
        self.charged += 1
        return Charge(f"{wire.stamp(at)[2:]}{self.charged:04}", amount, at)

    def _told(
        self, session: Session, code: str, charge: Charge, key: str | None = None
    ) -> HttpCall:
        fields = callback_fields(
            service=self.service, reference=session.reference, code=code, charge=charge
        )
        signed = sign_callback(fields, self.keys[0] if key is None else key)
        return wire.callback_call(self.place.callback_url, signed, self.wishes["callback_form"])

    def _home(self, session: Session, code: str) -> HttpReply:
        home = self.place.return_url
        rumour = urlencode({"MERCHANT_ORDER_ID": session.reference, "RESPONSE_CODE": code})
        location = f"{home}{'&' if '?' in home else '?'}{rumour}"
        return HttpReply(303, {"Location": location}, b"")


def callback_fields(*, service: str, reference: str, code: str, charge: Charge) -> Fields:
    """Return the CONFIRM about *charge*, not signed yet."""
    return (
        ("ACTION", "CONFIRM"),
        ("RESPONSE_CODE", code),
        ("MERCHANT_SERVICE_ID", service),
        ("MERCHANT_ORDER_ID", reference),
        ("AMOUNT", str(charge.amount.dong)),
        ("CURRENCY_CODE", "VND"),
        ("VNPTPAY_TRANSACTION_ID", charge.txn),
        ("PAYMENT_METHOD", "VNPTPAY"),
        ("PAY_DATE", wire.stamp(charge.at)),
        ("ADDITIONAL_INFO", ""),
    )


def sign_callback(fields: Fields, key: str) -> Fields:
    """Return *fields* with the SECURE_CODE of *key* at their end."""
    signature = wire.secure_code(dict(fields), wire.SIGNED_CALLBACK, key)
    return (*fields, ("SECURE_CODE", signature))


def emulate(values: Values, place: EmulatorPlace) -> VnptMoney:
    """Return the wallet's side for the account of *values*; ValueError names what is missing."""
    for name in ("merchant_service_id", "secret_key", "api_key"):
        if not values.get(name):
            raise ValueError(f"{name}: must be given")
    return VnptMoney(
        service=values["merchant_service_id"][0],
        keys=values["secret_key"],
        bearers=values["api_key"],
        version=values.get("version", ("1.0.5",))[0],
        place=place,
    )


def _standing(session: Session, now: datetime) -> dict[str, str]:
    """Return what the wallet says of *session* now; a delayed charge is pending until its time."""
    taken = next((charge for charge in session.charges if charge.at <= now), None)
    status = PAID if taken else FAILED if session.declined_at and not session.charges else PENDING
    amount = session.amount if taken is None else taken.amount
    return {
        "MERCHANT_ORDER_ID": session.reference,
        "VNPTPAY_TRANSACTION_ID": "" if taken is None else taken.txn,
        "AMOUNT": str(amount.dong),
        "LOCALE": "vi-VN",
        "CURRENCY_CODE": "VND",
        "PAYMENT_METHOD": "VNPTPAY",
        "PAY_DATE": "" if taken is None else wire.stamp(taken.at),
        "TRANSACTION_STATUS": status,
    }


def _word(code: str) -> str:
    return {OK: "Success", NOT_FOUND: "Order not found", BAD_CODE: "Bad secure code"}.get(
        code, "Refused"
    )
