"""`paygate staff …`: who works at the desk, and what for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import sqlalchemy as sa

from paygate.cli.common import configured, database, operators_act, problems, say
from paygate.cli.database import json_option
from paygate.cli.session import acting_staff, visitor_of
from paygate.config import Config
from paygate.domain.act import Act
from paygate.domain.errors import UnknownAgencyError, ValueRefusedError
from paygate.domain.staff import GrantState, Role, StaffId, needs_second_person, read_email
from paygate.store.engine import EngineDatabase

if TYPE_CHECKING:
    from paygate.store.grants import Grant
    from paygate.store.staff import Staff

role_option = click.option(
    "--role", required=True, type=click.Choice([each.value for each in Role]), help="What for."
)
agency_option = click.option(
    "--agency", metavar="CODE", help="Where, with all below it; admin and auditor may do without."
)
ALONE = "nobody else is there who could approve it"


@click.group("staff")
def staff_group() -> None:
    """Staff of the desk: logins and roles."""


@staff_group.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Of the person, as colleagues read it.")
@role_option
@agency_option
@json_option
def add(email: str, *, name: str, role: str, agency: str | None, as_json: bool) -> None:
    """Add the staff member EMAIL; the link to set password and code is shown once, now."""
    from paygate.services.add_staff import add_staff
    from paygate.services.grant_role import grant_role
    from paygate.services.invite_staff import new_invitation

    config = configured()
    with database(config) as opened, _refusals():
        act = _act(config, opened, "staff add")
        invitation = new_invitation(act)

        def register(tx: sa.Connection) -> tuple[Staff, Grant]:
            added = add_staff(tx, act, config.vault, invitation, email=email, name=name)
            return added, grant_role(tx, act, added.id, role=Role(role), agency=agency)

        added, grant = opened.act(register)
    link = _link(config, invitation.token)
    lines = [
        f"{added.email} added: {added.id}",
        f"link to set password and code, good for 24 hours (shown once): {link}",
        _said_of(grant),
    ]
    say(
        "\n".join(lines),
        as_json=as_json,
        staff_id=added.id,
        email=added.email,
        enrol_url=link,
        grant_id=grant.id,
        grant_state=grant.state,
    )


@staff_group.command("grant")
@click.argument("email")
@role_option
@agency_option
@json_option
def grant(email: str, *, role: str, agency: str | None, as_json: bool) -> None:
    """Grant EMAIL one more role."""
    from paygate.services.grant_role import grant_role

    config = configured()
    with database(config) as opened, _refusals():
        act = _act(config, opened, "staff grant")
        found = _find(opened, email)
        made = opened.act(grant_role, act, found, role=Role(role), agency=agency)
    say(_said_of(made), as_json=as_json, grant_id=made.id, grant_state=made.state)


@staff_group.command("approve")
@click.argument("proposal_id", metavar="ID")
@json_option
def approve(proposal_id: str, *, as_json: bool) -> None:
    """Approve the grant or reset ID that another proposed; needs `paygate login` as an admin."""
    from paygate.services.approve_staff import approve_staff

    config = configured()
    with database(config) as opened, _refusals():
        visitor, act = acting_staff(config, opened, "staff approve")
        about = opened.act(approve_staff, act, visitor, proposal_id)
        said = _approved(opened, about, proposal_id)
    human = f"{proposal_id} approved by {visitor.staff.email}: {said}"
    say(human, as_json=as_json, approved=proposal_id)


@staff_group.command("reset")
@click.argument("email")
@json_option
def reset(email: str, *, as_json: bool) -> None:
    """Let EMAIL set password and code anew; needs `paygate login` as an admin.

    It takes effect when a second admin approves. Where nobody is there who could be the first, the
    operator may do it without a login: the only admin, or one of two, has lost his telephone.
    """
    from paygate.services.invite_staff import new_invitation
    from paygate.services.reset_staff import reset_staff

    config = configured()
    with database(config) as opened, _refusals():
        found = _find(opened, email)
        act = _resetting(config, opened, found)
        invitation = new_invitation(act)
        made = opened.act(reset_staff, act, config.vault, invitation, found)
    link = _link(config, invitation.token)
    waits = made.state is GrantState.PROPOSED
    lines = [
        f"link to set password and code (shown once): {link}",
        f"it opens when a second person approves: paygate staff approve {made.id}"
        if waits
        else f"old password and sessions ended; {ALONE}",
    ]
    say("\n".join(lines), as_json=as_json, enrol_url=link, reset_id=made.id, state=made.state)


@staff_group.command("disable")
@click.argument("email")
@json_option
def disable(email: str, *, as_json: bool) -> None:
    """Take login, roles and sessions of EMAIL away, for good."""
    from paygate.services.disable_staff import disable_staff

    config = configured()
    with database(config) as opened, _refusals():
        act = _act(config, opened, "staff disable")
        found = _find(opened, email)
        ended = opened.act(disable_staff, act, found)
    say(f"{email} disabled, {ended} sessions ended", as_json=as_json, sessions_ended=ended)


@staff_group.command("list")
@json_option
def list_staff(*, as_json: bool) -> None:
    """List the staff, their roles, and what waits for a second person."""
    from paygate.store import grants, staff

    config = configured()
    with database(config) as opened, opened.read() as tx:
        people = staff.every(tx)
        held = [each for each in grants.every(tx) if each.until is None]
        resets = staff.proposed(tx)
    rows = [
        {
            "id": each.id,
            "email": each.email,
            "name": each.name,
            "state": each.state,
            "grants": [
                {"id": g.id, "role": g.role, "agency": g.agency, "state": g.state}
                for g in held
                if g.staff_id == each.id
            ],
            "resets_waiting": [r.id for r in resets if r.staff_id == each.id],
        }
        for each in people
    ]
    lines = [_line(each) for each in rows]
    say("\n".join(lines) or "no staff yet: paygate staff add", as_json=as_json, staff=rows)


def _line(row: Mapping[str, object]) -> str:
    grants, resets = row["grants"], row["resets_waiting"]
    assert isinstance(grants, list)  # noqa: S101  # for the type checker: made above
    assert isinstance(resets, list)  # noqa: S101  # for the type checker: made above
    held = [
        f"{each['role']} {each['agency'] or '*'}"
        + (f" (waits: {each['id']})" if each["state"] is GrantState.PROPOSED else "")
        for each in grants
    ]
    waiting = [f"reset (waits: {each})" for each in resets]
    return "\t".join((str(row["email"]), str(row["state"]), ", ".join([*held, *waiting])))


def _act(config: Config, opened: EngineDatabase, command: str) -> Act:
    """Return an act of the admin who is logged in, or else of the operator of this machine."""
    found = visitor_of(config, opened)
    act = operators_act(command)
    if found is None:
        return act
    if Role.ADMIN not in found.roles:
        raise ValueRefusedError("role_missing")
    return replace(act, actor=found.staff.actor)


def _resetting(config: Config, opened: EngineDatabase, staff_id: StaffId) -> Act:
    """Return an act of an admin, or of the operator where no admin could be the first of two."""
    from paygate.services.second_person import can_be_proposed

    with opened.read() as tx:
        somebody = can_be_proposed(tx, staff_id)
    if not somebody:
        return _act(config, opened, "staff reset")
    visitor, act = acting_staff(config, opened, "staff reset")
    if Role.ADMIN not in visitor.roles:
        raise ValueRefusedError("role_missing")
    return act


def _find(opened: EngineDatabase, email: str) -> StaffId:
    from paygate.store import staff

    with opened.read() as tx:
        found = staff.by_email(tx, read_email(email))
    if found is None:
        raise ValueRefusedError("staff_unknown")
    return found.id


def _approved(opened: EngineDatabase, staff_id: StaffId, proposal_id: str) -> str:
    """Return what has been approved, for whoever typed nothing but an id."""
    from paygate.store import grants, staff

    with opened.read() as tx:
        person, grant = staff.get(tx, staff_id), grants.get(tx, proposal_id)
    whose = staff_id if person is None else person.email
    if grant is None:
        return f"reset of {whose}"
    return f"{grant.role} {grant.agency or 'of the whole house'} for {whose}"


def _link(config: Config, token: str) -> str:
    return f"{config.gateway.base_url}/desk/enrol/{token}"


def _said_of(made: Grant) -> str:
    what = f"{made.role} {made.agency or 'of the whole house'}"
    if made.state is GrantState.PROPOSED:
        return f"{what}: waits for a second person: paygate staff approve {made.id}"
    alone = f"; {ALONE}" if needs_second_person(made.role) else ""
    return f"{what}: holds{alone}"


@contextmanager
def _refusals() -> Iterator[None]:
    """End the command with the code of a refusal, and what it means."""
    from paygate.http.refusals import texts

    try:
        yield
    except (ValueRefusedError, UnknownAgencyError) as error:
        raise problems((f"{error.code}: {texts(error.code)[0]}",)) from None
