"""What the gateway keeps: sessions, the times that it took money, and what went back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from paygate.domain.money import ZERO, Money, total
from providers.contract import Fields
from providers.vnpay.emulator import wire


@dataclass(frozen=True, slots=True)
class Charge:
    """One time that the gateway took money."""

    number: str
    amount: Money
    at: datetime


@dataclass(slots=True)
class Refund:
    """One refund that the gateway took on."""

    request_id: str
    kind: str  # 02 full, 03 partial
    amount: Money
    number: str
    at: datetime
    ends: str  # as `control` wished
    seen: bool = False  # told as done once

    @property
    def came_back(self) -> bool:
        return self.ends == "refuse" or (self.ends == "reverse" and self.seen)

    def status(self) -> str:
        """Return vnp_TransactionStatus as a question finds it."""
        if self.ends == "pend":
            return "05"
        status = "09" if self.came_back else "00"
        self.seen = True
        return status


@dataclass(slots=True)
class Session:
    """What the gateway knows of one start."""

    reference: str
    amount: Money
    text: str
    create_date: str
    bank: str
    return_url: str
    declined: bool = False
    charges: list[Charge] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)

    def taken(self, number: str, now: datetime) -> Charge | None:
        """Return the charge of that *number*, or the first where it is `0` or empty."""
        return next(
            (
                charge
                for charge in self.charges
                if charge.at <= now and number in {"", "0", charge.number}
            ),
            None,
        )

    @property
    def given_back(self) -> Money:
        return total(tuple(each.amount for each in self.refunds if not each.came_back)) or ZERO


def callback_fields(
    *, terminal: str, session: Session, codes: tuple[str, str], charge: Charge | None
) -> Fields:
    """Return the call about *charge*, or about nothing taken; not signed yet."""
    response, status = codes
    amount = session.amount if charge is None else charge.amount
    bank = ("NCB", "ATM") if session.bank in {"", "VNBANK"} else (session.bank, "QRCODE")
    paid = () if charge is None else (("vnp_BankTranNo", f"VNP{charge.number}"),)
    when = () if charge is None else (("vnp_PayDate", wire.stamp(charge.at)),)
    return (
        ("vnp_Amount", wire.cents(amount)),
        ("vnp_BankCode", bank[0]),
        *paid,
        ("vnp_CardType", bank[1]),
        ("vnp_OrderInfo", session.text),
        *when,
        ("vnp_ResponseCode", response),
        ("vnp_TmnCode", terminal),
        ("vnp_TransactionNo", "0" if charge is None else charge.number),
        ("vnp_TransactionStatus", status),
        ("vnp_TxnRef", session.reference),
    )
