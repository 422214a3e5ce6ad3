"""Staff members: who they are to the login, and the links that first let them in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from paygate.domain.staff import GrantState, StaffId, StaffState
from paygate.store.base import InstantColumn, StateColumn, many, metadata, one, one_of, values

table = sa.Table(
    "staff",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("email", sa.Text, nullable=False, unique=True),  # in lower case
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", StateColumn(StaffState), nullable=False),
    sa.Column("password_hash", sa.Text),
    sa.Column("enrolment_id", sa.Text),  # whose code counts; no key, for that row names this one
    sa.Column("totp_last_counter", sa.BigInteger),
    sa.Column("created_at", InstantColumn, nullable=False),
    sa.Column("disabled_at", InstantColumn),
    one_of("state", StaffState),
    sa.CheckConstraint("email = lower(email)", "email_lower"),
    sa.CheckConstraint(
        "state <> 'active' OR (password_hash IS NOT NULL AND enrolment_id IS NOT NULL)",
        "active_with_both_factors",
    ),
    sa.CheckConstraint("(state = 'disabled') = (disabled_at IS NOT NULL)", "disabled_at_a_time"),
)
enrolment_table = sa.Table(
    "staff_enrolment",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("staff_id", sa.ForeignKey("staff.id"), nullable=False, index=True),
    sa.Column("token_sha256", sa.Text, nullable=False, unique=True),
    sa.Column("totp_sealed", sa.ForeignKey("sealed_value.id"), nullable=False),
    sa.Column("state", StateColumn(GrantState), nullable=False),
    sa.Column("made_at", InstantColumn, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("ends_at", InstantColumn, nullable=False),
    sa.Column("used_at", InstantColumn),
    one_of("state", GrantState),
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> made_by", "approved_by_another"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One person who works at the desk; of the password there is a hash, of the code a count."""

    id: StaffId
    email: str
    name: str
    state: StaffState
    password_hash: str | None = field(default=None, repr=False)
    enrolment_id: str | None = None
    totp_last_counter: int | None = None
    created_at: datetime
    disabled_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Return the person's name in audit records."""
        return f"user:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A link that lets a person set password and code once; only its hash is kept."""

    id: str
    staff_id: StaffId
    token_sha256: str = field(repr=False)
    totp_sealed: str
    state: GrantState
    made_at: datetime
    made_by: str
    approved_by: str | None = None
    ends_at: datetime
    used_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Return whether the link opens the page at *now*."""
        return self.state is GrantState.ACTIVE and self.used_at is None and now < self.ends_at


_ID = table.c.id == sa.bindparam("staff_id")
_ENROLMENT = enrolment_table.c.id == sa.bindparam("enrolment_id")
ADD = table.insert()
GET = sa.select(table).where(_ID)
LOCK = GET.with_for_update()
BY_EMAIL = sa.select(table).where(table.c.email == sa.bindparam("of_email"))
ALL = sa.select(table).order_by(table.c.email)
CHANGE = table.update().where(_ID)
ADD_ENROLMENT = enrolment_table.insert()
ENROLMENT = sa.select(enrolment_table).where(_ENROLMENT)
BY_TOKEN = sa.select(enrolment_table).where(
    enrolment_table.c.token_sha256 == sa.bindparam("of_token")
)
PROPOSED = (
    sa.select(enrolment_table)
    .where(enrolment_table.c.state == GrantState.PROPOSED, enrolment_table.c.used_at.is_(None))
    .order_by(enrolment_table.c.id)
)
CHANGE_ENROLMENT = enrolment_table.update().where(_ENROLMENT)
END_ENROLMENTS = (
    enrolment_table.update()
    .where(
        enrolment_table.c.staff_id == sa.bindparam("of_staff"),
        enrolment_table.c.used_at.is_(None),
        enrolment_table.c.id != sa.bindparam("but"),
    )
    .values(used_at=sa.bindparam("at"))
)


def add(tx: sa.Connection, staff: Staff) -> None:
    """Keep a new staff member."""
    tx.execute(ADD, values(staff))


def get(tx: sa.Connection, staff_id: StaffId) -> Staff | None:
    """Return the staff member of that id."""
    return one(Staff, tx.execute(GET, {"staff_id": staff_id}))


def lock(tx: sa.Connection, staff_id: StaffId) -> Staff | None:
    """Return the staff member, held until *tx* ends: the first lock of every act about him."""
    return one(Staff, tx.execute(LOCK, {"staff_id": staff_id}))


def by_email(tx: sa.Connection, email: str) -> Staff | None:
    """Return the staff member of that address, as `read_email` writes it."""
    return one(Staff, tx.execute(BY_EMAIL, {"of_email": email}))


def every(tx: sa.Connection) -> tuple[Staff, ...]:
    """Return all staff, by address."""
    return many(Staff, tx.execute(ALL))


def enrol(tx: sa.Connection, staff_id: StaffId, *, password_hash: str, enrolment_id: str) -> None:
    """Let the person log in with both factors; codes count anew."""
    change = CHANGE.values(
        state=StaffState.ACTIVE,
        password_hash=password_hash,
        enrolment_id=enrolment_id,
        totp_last_counter=None,
    )
    tx.execute(change, {"staff_id": staff_id})


def forget_login(tx: sa.Connection, staff_id: StaffId) -> None:
    """Take both factors away: nobody logs in until the person is enrolled anew."""
    change = CHANGE.values(
        state=StaffState.INVITED, password_hash=None, enrolment_id=None, totp_last_counter=None
    )
    tx.execute(change, {"staff_id": staff_id})


def disable(tx: sa.Connection, staff_id: StaffId, *, now: datetime) -> None:
    """End the person's login for good."""
    tx.execute(CHANGE.values(state=StaffState.DISABLED, disabled_at=now), {"staff_id": staff_id})


def spend_code(tx: sa.Connection, staff_id: StaffId, counter: int) -> None:
    """Write down which code was used last: none before it is good any more (RFC 6238, 5.2)."""
    tx.execute(CHANGE.values(totp_last_counter=counter), {"staff_id": staff_id})


def rehash(tx: sa.Connection, staff_id: StaffId, password_hash: str, *, instead_of: str) -> None:
    """Keep a hash of the same password with today's parameters, unless it was changed meanwhile."""
    same = table.c.password_hash == instead_of
    tx.execute(CHANGE.where(same).values(password_hash=password_hash), {"staff_id": staff_id})


def add_enrolment(tx: sa.Connection, enrolment: Enrolment) -> None:
    """Keep a new link."""
    tx.execute(ADD_ENROLMENT, values(enrolment))


def enrolment(tx: sa.Connection, enrolment_id: str) -> Enrolment | None:
    """Return the link of that id."""
    return one(Enrolment, tx.execute(ENROLMENT, {"enrolment_id": enrolment_id}))


def by_token(tx: sa.Connection, token_sha256: str) -> Enrolment | None:
    """Return the link with that hash."""
    return one(Enrolment, tx.execute(BY_TOKEN, {"of_token": token_sha256}))


def proposed(tx: sa.Connection) -> tuple[Enrolment, ...]:
    """Return the links that wait for a second person, oldest first."""
    return many(Enrolment, tx.execute(PROPOSED))


def approve_enrolment(
    tx: sa.Connection, enrolment_id: str, *, approved_by: str, ends_at: datetime
) -> None:
    """Let the link open its page until *ends_at*."""
    change = CHANGE_ENROLMENT.values(
        state=GrantState.ACTIVE, approved_by=approved_by, ends_at=ends_at
    )
    tx.execute(change, {"enrolment_id": enrolment_id})


def use_enrolment(tx: sa.Connection, enrolment_id: str, *, now: datetime) -> None:
    """Close a link that was used."""
    tx.execute(CHANGE_ENROLMENT.values(used_at=now), {"enrolment_id": enrolment_id})


def end_enrolments(tx: sa.Connection, staff_id: StaffId, *, now: datetime, but: str = "") -> None:
    """Close every open link of the person, but one."""
    tx.execute(END_ENROLMENTS, {"of_staff": staff_id, "at": now, "but": but})
