"""Believe a person who has both factors, and let a caller who was wrong wait longer each time.

Whatever is wrong, the answer is the same, takes as long, and leaves the same rows (TRUST S61).
Counted is one address about one account: nobody can lock a person out from elsewhere (S62).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import StaffState, read_email
from paygate.house import House
from paygate.services import passwords, totp
from paygate.store import audit, login_failures, sealed, staff
from paygate.store.login_failures import LoginFailures
from paygate.store.staff import Staff

FREE_FAILURES = 3
DELAY_MIN = timedelta(seconds=2)
DELAY_MAX = timedelta(minutes=15)
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
    """Too often wrong: nothing was looked at, and nothing will be for *wait*."""

    wait: timedelta


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
    right = passwords.is_password(kept, proof.password, quick=quick)
    fresh = None
    if right and kept is not None and passwords.is_outdated(kept, quick=quick):
        fresh = passwords.hash_password(proof.password, quick=quick)

    def decide(tx: sa.Connection) -> T | Refused | Delayed:
        count = login_failures.lock(tx, bucket, now=act.now)
        # Many at once were all let in above; here they come one behind the other.
        hurried = _wait(count, act.now)
        if hurried is not None:
            return Delayed(hurried)
        believed = None
        if right and person is not None:
            believed = _spend_code(tx, act, house.vault, person, proof.code)
        if believed is None:
            _count(tx, act, count)
            return Refused()
        login_failures.write(tx, bucket, 0, now=act.now)
        if fresh is not None:
            staff.rehash(tx, believed.id, fresh)
        return then(tx, replace(act, actor=believed.actor), believed)

    return house.db.act(decide)


def delay_after(failures: int) -> timedelta:
    """Return how long to wait after so many failures in a row: doubled, up to 15 minutes."""
    if failures <= FREE_FAILURES:
        return timedelta()
    doubled = 1 << min(failures - FREE_FAILURES - 1, 20)
    return min(DELAY_MIN * doubled, DELAY_MAX)


def _spend_code(
    tx: sa.Connection, act: Act, vault: Vault, person: Staff, code: str
) -> Staff | None:
    """Return the person if the code is good and was not used, as he stands under his lock."""
    held = staff.lock(tx, person.id)
    if held is None or held.enrolment_id is None or held.state is not StaffState.ACTIVE:
        return None
    if held.password_hash != person.password_hash:  # changed while the old one was compared
        return None
    secret = totp.secret_of(tx, vault, held.enrolment_id, held.id)
    counter = totp.counter_of(secret, code, now=act.now, last=held.totp_last_counter)
    if counter is None:
        return None
    staff.spend_code(tx, held.id, counter)
    return held


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
