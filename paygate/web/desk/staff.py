"""Who works here, with which roles: to read; it is changed by `paygate staff`."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from paygate.domain.staff import Role, StaffState
from paygate.http.context import context
from paygate.http.i18n import stamp
from paygate.store import grants, staff
from paygate.web.desk.door import scope
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.words import Tag, grant_note, role_name, tag


@dataclass(frozen=True, slots=True)
class GrantView:
    """One role somewhere."""

    role: str
    place: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One person."""

    name: str
    email: str
    tag: Tag
    since: str
    grants: tuple[GrantView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPage:
    """Everybody."""

    frame: DeskFrame
    heading: str
    rows: tuple[StaffRow, ...]


def staff_list() -> flask.Response:
    """Show the staff: who is limited to an agency sees what is held below it, and by whom.

    What its people hold elsewhere is the business of others; whoever left shows there no more.
    """
    here, say, seen = context(), desk_say(), scope()
    with here.house.db.read() as tx:
        people = staff.every(tx)
        known = grants.every(tx) if seen.everything else grants.within(tx, seen.agencies)
    held = [each for each in known if each.until is None]
    if not seen.everything:
        held_by = {each.staff_id for each in held}
        below = {each.staff_id for each in known}
        people = tuple(
            each
            for each in people
            if each.id in held_by or (each.state is StaffState.DISABLED and each.id in below)
        )
    heading = say("Nhân sự")
    rows = tuple(
        StaffRow(
            name=each.name,
            email=each.email,
            tag=tag(say, each.state),
            since=stamp(each.created_at),
            grants=tuple(
                GrantView(
                    role_name(say, Role(grant.role)),
                    grant.agency or say("toàn hệ thống"),
                    grant_note(say, grant.state),
                )
                for grant in held
                if grant.staff_id == each.id
            ),
        )
        for each in people
    )
    return draw("staff.html", StaffPage(frame=desk_frame(heading), heading=heading, rows=rows))
