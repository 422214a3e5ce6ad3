"""Who may decide about staff where, and whether there is somebody else who can be asked."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import Role, Scope, StaffId, StaffState
from paygate.store import agencies, grants, staff
from paygate.store.staff import Staff

PERSON = "user:"


def admins(tx: sa.Connection) -> tuple[Staff, ...]:
    """Return the admins who can log in."""
    held = {each.staff_id for each in grants.every(tx) if each.holds and each.role is Role.ADMIN}
    return tuple(
        each for each in staff.every(tx) if each.id in held and each.state is StaffState.ACTIVE
    )


def has_second_person(tx: sa.Connection, *but: str, about: Iterable[str | None]) -> bool:
    """Return whether an admin who can log in decides *about* these, beside the actors *but*.

    *about* names agencies, None for the whole house.
    """
    wanted = tuple(about)
    return any(
        _covers(tx, admin_scope(tx, each), wanted) for each in admins(tx) if each.actor not in but
    )


def refuse_beyond(tx: sa.Connection, actor: str, about: Iterable[str | None]) -> None:
    """Refuse what lies outside of the agencies in which the actor is an admin at this moment.

    Read under the actor's lock, so that a role or a login that ended meanwhile counts for nothing.
    The operator of the machine is bound to no agency (ADR 0024).

    Raises:
        ValueRefusedError: `role_missing`: he is an admin of nothing; `beyond_your_agencies`.
    """
    if not actor.startswith(PERSON):
        return
    person = staff.lock(tx, StaffId(actor.removeprefix(PERSON)))
    scope = Scope() if person is None else admin_scope(tx, person)
    if scope == Scope():
        raise ValueRefusedError("role_missing")
    if not _covers(tx, scope, tuple(about)):
        raise ValueRefusedError("beyond_your_agencies")


def lock_with_admins(tx: sa.Connection, staff_id: StaffId) -> Staff | None:
    """Return the person, held until *tx* ends, and so is every admin.

    Else two of three could be taken away at the same moment, each by one who still saw the other.
    """
    for each in sorted({staff_id, *(each.id for each in admins(tx))}):  # one order: no deadlock
        staff.lock(tx, each)
    return staff.get(tx, staff_id)


def refuse_to_be_left_alone(tx: sa.Connection, actor: str, person: Staff) -> None:
    """Refuse an admin who would take away the only other who is asked about what he proposes.

    By disabling or resetting him he would decide alone, which is what two admins are for; the
    operator of the machine does it, and the audit names him (ADR 0024).

    Raises:
        ValueRefusedError: `last_other_admin`.
    """
    if not actor.startswith(PERSON) or actor == person.actor:
        return
    if person.state is not StaffState.ACTIVE:
        return
    asked_about = [
        each.agency
        for each in grants.of_staff(tx, person.id)
        if each.holds and each.role is Role.ADMIN
    ]
    if any(
        not has_second_person(tx, actor, person.actor, about=(agency,)) for agency in asked_about
    ):
        raise ValueRefusedError("last_other_admin")


def can_be_proposed(tx: sa.Connection, staff_id: StaffId) -> bool:
    """Return whether an admin may propose a reset of the person, and need not leave it to others.

    Where the person is one of two admins the other may not: he would hold both logins.
    """
    known = admins(tx)
    others = [each for each in known if each.id != staff_id]
    if len(others) == 1 and len(known) > 1:
        return False
    about = places_of(tx, staff_id)
    return any(_covers(tx, admin_scope(tx, each), about) for each in others)


def admin_scope(tx: sa.Connection, person: Staff) -> Scope:
    """Return where the person decides about staff: nowhere without a login."""
    if person.state is not StaffState.ACTIVE:
        return Scope()
    held = [
        each.agency
        for each in grants.of_staff(tx, person.id)
        if each.holds and each.role is Role.ADMIN
    ]
    return Scope(
        agencies=frozenset(each for each in held if each is not None), everything=None in held
    )


def places_of(tx: sa.Connection, staff_id: StaffId) -> tuple[str | None, ...]:
    """Return where the person holds a role, or waits for one."""
    return tuple(each.agency for each in grants.of_staff(tx, staff_id) if each.until is None)


def _covers(tx: sa.Connection, scope: Scope, about: tuple[str | None, ...]) -> bool:
    return scope.everything or (
        scope != Scope()
        and all(each is not None and scope.covers(agencies.lineage(tx, each)) for each in about)
    )
