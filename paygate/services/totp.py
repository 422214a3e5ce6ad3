"""The second factor: six digits that change every 30 seconds (RFC 6238), each good once."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

import pyotp
import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.staff import StaffId
from paygate.store import sealed, staff
from paygate.store.sealed import Owner

STEP = timedelta(seconds=30)
DIGITS = 6
ISSUER = "paygate"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_secret() -> str:
    """Return 160 random bits in base32, as authenticator applications want them."""
    return pyotp.random_base32()


def address_of(secret: str, email: str, place: str) -> str:
    """Return the `otpauth://` address that a QR shows; *place* tells two gateways apart."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=f"{ISSUER} {place}".strip())


def counter_of(secret: str, code: str, *, now: datetime, last: int | None) -> int | None:
    """Return the step whose code this is, one to either side of *now*, never up to *last*."""
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    here = (now - _EPOCH) // STEP
    found = None
    for counter in (here - 1, here, here + 1):
        same = hmac.compare_digest(pyotp.TOTP(secret).generate_otp(counter), typed)
        if same and (last is None or counter > last):
            found = counter
    return found


def secret_of(tx: sa.Connection, vault: Vault, enrolment_id: str, staff_id: StaffId) -> str:
    """Return the secret that was sealed for that enrolment of that person.

    Raises:
        SealError: it was sealed for another, or does not open.
    """
    kept = staff.enrolment(tx, enrolment_id)
    if kept is None:
        raise sealed.SealError(f"no enrolment {enrolment_id}")
    return sealed.open_for(tx, vault, owner_of(enrolment_id, staff_id), kept.totp_sealed).decode()


def owner_of(enrolment_id: str, staff_id: StaffId) -> Owner:
    """Return whose a secret is: of this person, so that no row can lend it to another."""
    return Owner("staff_enrolment", enrolment_id, f"totp:{staff_id}")
