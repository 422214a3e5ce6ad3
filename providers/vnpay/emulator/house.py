"""The gateway: it hosts a page, takes money, calls back, and knows its merchant."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from paygate.domain.money import ZERO, Money
from providers.contract import (
    Arrival,
    EmulatorPlace,
    Errand,
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
    refused_page,
)
from providers.vnpay.emulator import wire
from providers.vnpay.emulator.book import Charge, Session, callback_fields
from providers.vnpay.emulator.office import Office

PAID, REFUSED = ("00", "00"), ("51", "02")
STOPS = ("00", "02")
WRONG_BY = Money(1_000)
DELAY_S, DELAY_S_MAX = 5, 3_600
_SECONDS = re.compile(r"[0-9]{1,4}")
_REFERENCE = re.compile(r"[A-Za-z0-9._-]{1,100}")
NO_KEY = "a key that nobody agreed on"
LOOK = Look(
    title="VNPAY – môi trường thử nghiệm",  # Vietnamese sets off with a dash
    colour="#a11d21",
    taken="Khoản này đã được thanh toán. Cổng không trừ tiền thêm lần nào nữa.",
)
BANK = "Ngân hàng"
BANKS = {
    "": "chọn tại VNPAY",
    "VNPAYQR": "VNPAY-QR",
    "VNBANK": "Thẻ, tài khoản nội địa",
    "INTCARD": "Thẻ quốc tế",
}
WISHES: Mapping[str, tuple[str, ...]] = {
    "refund": ("succeed", "pend", "refuse", "timeout_after_doing", "reverse"),
    "callback_form": wire.FORMS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What follows when the citizen presses a button."""

    rumour: tuple[str, str] | None = PAID  # the codes that the browser carries home
    charges: int = 0
    copies: int = 1  # of the callback about each charge
    off_by: Money = ZERO
    late: bool = False
    early: bool = False
    forged: bool = False
    drops: bool = False


CHOICES: Mapping[str, Choice] = {
    "pay": Choice(charges=1),
    "decline": Choice(rumour=REFUSED),
    "abandon": Choice(rumour=None),
    "delay": Choice(rumour=None, charges=1, late=True),
    "pay_twice": Choice(charges=2),
    "wrong_amount": Choice(charges=1, off_by=WRONG_BY),
    "lose_callback": Choice(charges=1, copies=0),
    "double_callback": Choice(charges=1, copies=2),
    "forge_callback": Choice(forged=True),
    "early_callback": Choice(charges=1, early=True),
    "charge_then_timeout": Choice(charges=1, copies=0, drops=True),
}


@dataclass(slots=True)
class Gateway:
    """VNPAY's side for one merchant."""

    terminal: str
    keys: tuple[str, ...]
    place: EmulatorPlace
    sessions: dict[str, Session] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    callback_form: str = wire.FORMS[0]
    office: Office = field(init=False)

    def __post_init__(self) -> None:
        self.office = Office(self.terminal, self.keys, self.sessions, self.numbers)

    def visit(self, arrival: Arrival) -> Visit:
        match arrival.method, arrival.path.strip("/").split("/"):
            case "GET", ["paymentv2", "vpcpay.html"]:
                return Visit(self._start(arrival))
            case "GET", ["paymentv2", "pay", reference] if reference in self.sessions:
                return Visit(self._show(self.sessions[reference]))
            case "POST", ["paymentv2", "pay", reference] if reference in self.sessions:
                return self._chosen(self.sessions[reference], arrival)
            case "POST", ["merchant_webapi", "api", "transaction"]:
                return Visit(self.office.answer(arrival))
            case _:
                return Visit(lost_page(LOOK))

    def control(self, wishes: Mapping[str, str]) -> None:
        for name, wish in wishes.items():
            if wish not in WISHES.get(name, ()):
                raise ValueError(f"this gateway cannot do {name}={wish}")
        self.office.refunds_end = wishes.get("refund", self.office.refunds_end)
        self.callback_form = wishes.get("callback_form", self.callback_form)

    def acknowledged(self, reply: HttpReply) -> bool:
        try:
            said = wire.read_json(reply.body)
        except ValueError:
            return False
        return reply.status == 200 and said.get("RspCode") in STOPS  # noqa: PLR2004  # HTTP's OK

    # ---- what the citizen does ------------------------------------------------------------
    def _start(self, arrival: Arrival) -> HttpReply:
        try:
            asked = wire.read_address(arrival.query, self.keys)
            session = self._opened(asked)
        except (KeyError, ValueError):
            return refused_page(LOOK, why="Dữ liệu hoặc chữ ký không hợp lệ.")
        return self._show(session, send_to=f"pay/{session.reference}")

    def _opened(self, asked: Mapping[str, str]) -> Session:
        """Return the session of a start, the same one for the same start.

        Raises:
            ValueError: a start that this merchant cannot make, or not a second time.
            KeyError: a field is missing.
        """
        opened = Session(
            reference=asked["vnp_TxnRef"],
            amount=wire.dong(asked["vnp_Amount"]),
            text=asked["vnp_OrderInfo"],
            create_date=asked["vnp_CreateDate"],
            bank=asked.get("vnp_BankCode", ""),
            return_url=asked["vnp_ReturnUrl"],
        )
        told = (asked["vnp_TmnCode"], asked["vnp_CurrCode"], asked["vnp_Command"])
        order = wire.moment_of(opened.create_date) < wire.moment_of(asked["vnp_ExpireDate"])
        if told != (self.terminal, "VND", "pay") or not order or opened.bank not in BANKS:
            raise ValueError("not a start of this merchant")
        if not _REFERENCE.fullmatch(opened.reference) or not opened.amount or not opened.text:
            raise ValueError("not a start that can be paid")
        known = self.sessions.setdefault(opened.reference, opened)
        if (known.amount, known.create_date) != (opened.amount, opened.create_date):
            raise ValueError("another start of that name")
        return known

    def _show(self, session: Session, note: str = "", send_to: str = "") -> HttpReply:
        facts = {
            TEXT: session.text,
            REFERENCE: session.reference,
            BANK: BANKS[session.bank],
            AMOUNT: str(session.amount),
        }
        if session.charges:
            return closed_page(LOOK, facts=facts)
        address = send_to or session.reference
        return payment_page(LOOK, send_to=address, facts=facts, note=note)

    def _chosen(self, session: Session, arrival: Arrival) -> Visit:
        if session.charges:
            return Visit(self._show(session))
        form, now = wire.read_page_form(arrival), arrival.arrived_at
        action = form.get("action", "")
        choice = CHOICES.get(action)
        seconds = form.get("seconds") or str(DELAY_S)
        if choice is None or not (_SECONDS.fullmatch(seconds) and int(seconds) <= DELAY_S_MAX):
            return Visit(self._show(session, "Lựa chọn không hợp lệ."))
        wait_s = int(seconds) if choice.late else 0
        charges = [
            self._charge(session.amount + choice.off_by, now + timedelta(seconds=wait_s))
            for _ in range(choice.charges)
        ]
        session.charges.extend(charges)
        told = tuple(
            Errand(self._call(session, PAID, charge), after_s=wait_s)
            for charge in charges
            for _ in range(choice.copies)
        )
        if action == "decline":
            session.declined = True
            told = (Errand(self._call(session, REFUSED, None)),)
        lie = self._charge(session.amount, now) if choice.forged else None
        if lie is not None:
            told = (Errand(self._call(session, PAID, lie, key=NO_KEY), once=True),)
        if choice.drops:
            return Visit(None, after=told)
        first = charges[0] if charges else lie
        home = self._home(session, choice, first)
        return Visit(home, before=told) if choice.early else Visit(home, after=told)

    def _charge(self, amount: Money, at: datetime) -> Charge:
        # The second is part of the number, so that a gateway that forgot everything repeats none.
        number = next(self.numbers) % 1000
        return Charge(f"{wire.stamp(at)[2:]}{number:03}", amount, at)

    def _call(
        self,
        session: Session,
        codes: tuple[str, str],
        charge: Charge | None,
        key: str | None = None,
    ) -> HttpCall:
        query = self._query(session, codes, charge, key)
        return HttpCall("GET", _with(self.place.callback_url, query), {}, b"")

    def _query(
        self,
        session: Session,
        codes: tuple[str, str],
        charge: Charge | None,
        key: str | None = None,
    ) -> str:
        fields = callback_fields(
            terminal=self.terminal, session=session, codes=codes, charge=charge
        )
        signed = wire.sign_address(fields, self.keys[0] if key is None else key)
        return wire.written(signed, self.callback_form)

    def _home(self, session: Session, choice: Choice, charge: Charge | None) -> HttpReply:
        """Send the browser home; what it carries is signed just as the callback is."""
        location = session.return_url
        if choice.rumour is not None:
            key = NO_KEY if choice.forged else None
            location = _with(location, self._query(session, choice.rumour, charge, key))
        return HttpReply(303, {"Location": location}, b"")


def emulate(values: Values, place: EmulatorPlace) -> Gateway:
    """Return VNPAY's side for the account of *values*; ValueError names what is missing."""
    for name in ("tmn_code", "hash_secret"):
        if not values.get(name):
            raise ValueError(f"{name}: must be given")
    return Gateway(terminal=values["tmn_code"][0], keys=values["hash_secret"], place=place)


def _with(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"
