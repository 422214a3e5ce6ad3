"""Believe a person who has both factors, and let a caller who was wrong wait longer each time.

Whatever is wrong, the answer is the same, takes as long, and leaves the same rows (TRUST S61).
Counted is one address about one account: nobody can lock a person out from elsewhere (S62).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import StaffId, StaffState, read_email
from paygate.house import House
from paygate.services import passwords, totp
from paygate.store import audit, login_failures, sealed, staff
from paygate.store.login_failures import LoginFailures
from paygate.store.staff import Staff

FREE_FAILURES = 3
DELAY_MIN = timedelta(seconds=2)
DELAY_MAX = timedelta(minutes=15)
CROWDED_WAIT = timedelta(seconds=1)
NOBODY = StaffId("nobody")
NOBODYS_SECRET = "NOBODYHASTHISSECRETNOBODYHASTHIS"  # noqa: S105  # it opens nothing
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What somebody offers; *network* is where he is (TRUST S48)."""

    email: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    network: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Not both factors are right: nobody learns which, nor whether there is such an account."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """Nothing was looked at, nor will be for *wait*: too often wrong, or too many at once."""

    wait: timedelta
    crowded: bool = False


def prove_identity(
    house: House, act: Act, proof: Proof, then: Callable[[sa.Connection, Act, Staff], T]
) -> T | Refused | Delayed:
    """Return what *then* does for the person, in the transaction that spends his code."""
    try:
        email = read_email(proof.email)
    except ValueRefusedError:
        email = ""  # nobody's
    bucket = _bucket(house.vault, email or proof.email[:320], proof.network)
    with house.db.read() as tx:
        person = staff.by_email(tx, email)
        wait = _wait(login_failures.get(tx, bucket), act.now)
    if wait is not None:
        return Delayed(wait)
    # Outside of any transaction: it takes a quarter of a second.
    quick = house.quick_passwords
    kept = person.password_hash if person and person.state is StaffState.ACTIVE else None
    try:
        right = passwords.is_password(kept, proof.password, quick=quick)
    except passwords.CrowdedError:
        return Delayed(CROWDED_WAIT, crowded=True)

    def decide(tx: sa.Connection) -> T | Refused | Delayed:
        count = login_failures.lock(tx, bucket, now=act.now)
        # Many at once were all let in above; here they come one behind the other.
        hurried = _wait(count, act.now)
        if hurried is not None:
            return Delayed(hurried)
        believed = _believe(tx, act, house.vault, person, proof.code, right=right)
        if believed is None:
            _count(tx, act, count)
            return Refused()
        login_failures.write(tx, bucket, 0, now=act.now)
        return then(tx, replace(act, actor=believed.actor), believed)

    found = house.db.act(decide)
    if isinstance(found, Refused | Delayed) or person is None or kept is None:
        return found
    # Only now: made before the code was looked at, it would tell that the password was right.
    if passwords.is_outdated(kept, quick=quick):
        fresh = passwords.hash_password(proof.password, quick=quick)
        house.db.act(staff.rehash, person.id, fresh, instead_of=kept)
    return found


def delay_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: doubled, up to 15 minutes."""
    if failures <= FREE_FAILURES:
        return timedelta()
    doubled = 1 << min(failures - FREE_FAILURES - 1, 20)
    return min(DELAY_MIN * doubled, DELAY_MAX)


def _believe(
    tx: sa.Connection, act: Act, vault: Vault, person: Staff | None, code: str, *, right: bool
) -> Staff | None:
    """Return the person, as he stands under his lock, if password (*right*) and code are good.

    As much is looked up where something is wrong: a wrong code behind a right password must not
    take longer than behind a wrong one (TRUST S61).
    """
    held = staff.lock(tx, NOBODY if person is None else person.id)
    secret = _secret_of(tx, vault, held)
    last = None if held is None else held.totp_last_counter
    counter = totp.counter_of(secret or NOBODYS_SECRET, code, now=act.now, last=last)
    if held is None or person is None or secret is None or counter is None or not right:
        return None
    if held.password_hash != person.password_hash:  # changed while the old one was compared
        return None
    staff.spend_code(tx, held.id, counter)
    return held


def _secret_of(tx: sa.Connection, vault: Vault, held: Staff | None) -> str | None:
    """Return the secret of the person's application, None where he cannot log in."""
    if held is not None and held.enrolment_id and held.state is StaffState.ACTIVE:
        return totp.secret_of(tx, vault, held.enrolment_id, held.id)
    staff.enrolment(tx, NOBODY)
    with suppress(sealed.SealError):
        sealed.open_for(tx, vault, totp.owner_of(NOBODY, NOBODY), NOBODY)
    return None


def _count(tx: sa.Connection, act: Act, count: LoginFailures) -> None:
    """Count one more failure; the audit names caller and account together, by a keyed hash."""
    failures = count.failures + 1
    login_failures.write(tx, count.bucket, failures, now=act.now)
    audit.note(
        tx,
        act,
        stream=f"login:{count.bucket}",
        action="login.refused",
        subject=f"login:{count.bucket}",
        facts={"failures": failures},
    )


def _wait(count: LoginFailures | None, now: datetime) -> timedelta | None:
    if count is None:
        return None
    ends_at = count.last_at + delay_after(count.failures)
    return ends_at - now if now < ends_at else None


def _bucket(vault: Vault, email: str, network: str) -> str:
    pair = f"{email.casefold()}\x1f{network}"
    return sealed.blind_index(vault, login_failures.table.name, "bucket", pair)[:32]
