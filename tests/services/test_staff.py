"""Staff come, are granted roles by two, are reset by two, and go (DESIGN 2.16)."""

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.domain.errors import UnknownAgencyError, ValueRefusedError
from paygate.domain.staff import GrantState, Role, SessionKind, StaffState
from paygate.services.approve_staff import approve_staff
from paygate.services.check_books import check_books
from paygate.services.disable_staff import disable_staff
from paygate.services.enrol_staff import open_link
from paygate.services.find_session import Visitor, find_session
from paygate.services.grant_role import grant_role
from paygate.services.invite_staff import new_invitation
from paygate.services.log_in import log_in
from paygate.services.open_session import LoggedIn
from paygate.services.prove_identity import Proof
from paygate.services.reset_staff import reset_staff
from paygate.store import audit, grants, sealed, staff
from tests.support.builders import NOON, VAULT, a_house, an_act, furnish
from tests.support.desk import PASSWORD, SECRET, enrolled, right_code

OPERATOR = "operator:root"
HOUR = timedelta(hours=1)


@pytest.fixture
def house(db):
    db.act(furnish)
    return a_house(db)


@pytest.fixture
def act():
    return an_act(actor=OPERATOR)


def by(act, staff_id):
    """The same act, of a staff member."""
    return dataclasses.replace(act, actor=f"user:{staff_id}")


def visitor(house, act, email):
    """Log in, and return who comes with the session."""
    now = act.now
    proof = Proof(email=email, password=PASSWORD, code=right_code(now), network="n")
    found = log_in(house, act, proof, kind=SessionKind.CLI)
    assert isinstance(found, LoggedIn)
    came = find_session(house, found.token, kind=SessionKind.CLI, now=now)
    assert isinstance(came, Visitor)
    return came


def refused(code, verb, *arguments, **more):
    with pytest.raises(ValueRefusedError) as error:
        verb(*arguments, **more)
    assert error.value.code == code


# ---- roles ----------------------------------------------------------------------------------
def test_the_first_of_the_house_holds_at_once_since_nobody_else_is_there(house, act):
    admin = enrolled(house, act, "admin@hd.example", Role.ADMIN, agency=None)

    with house.db.read() as tx:
        (grant,) = grants.of_staff(tx, admin)
        notes = [each.record for each in audit.stream_of(tx, f"staff:{admin}")]
    assert grant.holds
    assert any('"alone":true' in each for each in notes)


@pytest.mark.parametrize("role", Role)
def test_a_role_that_decides_waits_once_there_is_an_admin_to_ask(house, act, role):
    enrolled(house, act, "admin@hd.example", Role.ADMIN, agency=None)
    other = enrolled(house, act, "other@hd.example")

    grant = house.db.act(grant_role, act, other, role=role, agency="H23")

    assert grant.holds is (role in {Role.VIEWER, Role.AUDITOR})


def test_one_admin_alone_grants_at_once_and_two_admins_must_agree(house, act):
    first = enrolled(house, act, "one@hd.example", Role.ADMIN, agency=None)
    other = enrolled(house, act, "other@hd.example")
    alone = house.db.act(grant_role, by(act, first), other, role=Role.CHECKER, agency="H23")
    house.db.act(grant_role, by(act, first), other, role=Role.ADMIN, agency=None)
    third = enrolled(house, act, "third@hd.example")

    both = house.db.act(grant_role, by(act, first), third, role=Role.CHECKER, agency="H23")

    assert alone.state is GrantState.ACTIVE
    assert both.state is GrantState.PROPOSED


def test_the_second_admin_approves_and_neither_the_first_nor_the_granted_may(house, act):
    first = enrolled(house, act, "one@hd.example", Role.ADMIN, agency=None)
    second = enrolled(house, act, "two@hd.example")
    house.db.act(grant_role, by(act, first), second, role=Role.ADMIN, agency=None)
    third = enrolled(house, act, "third@hd.example", Role.VIEWER)
    grant = house.db.act(grant_role, by(act, first), third, role=Role.CHECKER, agency="H23")
    one, two, three = (visitor(house, act, f"{n}@hd.example") for n in ("one", "two", "third"))

    refused("approver_is_proposer", house.db.act, approve_staff, by(act, first), one, grant.id)
    refused("role_missing", house.db.act, approve_staff, by(act, third), three, grant.id)
    refused("proposal_unknown", house.db.act, approve_staff, by(act, second), two, "grt_none")
    house.db.act(approve_staff, by(act, second), two, grant.id)
    refused("proposal_done", house.db.act, approve_staff, by(act, second), two, grant.id)

    with house.db.read() as tx:
        kept = grants.get(tx, grant.id)
    assert kept is not None
    assert (kept.holds, kept.approved_by, kept.since) == (True, f"user:{second}", NOON)


def test_an_admin_does_not_approve_what_another_grants_to_him(house, act):
    first = enrolled(house, act, "one@hd.example", Role.ADMIN, agency=None)
    second = enrolled(house, act, "two@hd.example", agency=None)
    house.db.act(grant_role, by(act, first), second, role=Role.ADMIN, agency=None)
    grant = house.db.act(grant_role, act, second, role=Role.CHECKER, agency="H23")
    two = visitor(house, act, "two@hd.example")

    refused("approver_is_concerned", house.db.act, approve_staff, by(act, second), two, grant.id)


@pytest.mark.parametrize("approver", ["operator:root", "user:{granted}"])
def test_the_database_itself_refuses_an_approver_who_is_not_another(house, act, approver):
    enrolled(house, act, "one@hd.example", Role.ADMIN, agency=None)
    other = enrolled(house, act, "other@hd.example")
    grant = house.db.act(grant_role, act, other, role=Role.CHECKER, agency="H23")

    with pytest.raises(sa.exc.IntegrityError):
        house.db.act(grants.approve, grant.id, approver=approver.format(granted=other), now=act.now)


def test_a_role_is_granted_somewhere_and_once(house, act):
    other = enrolled(house, act, "other@hd.example", Role.MAKER, agency="H23")
    again = {"role": Role.MAKER, "agency": "H23"}

    refused("role_held", house.db.act, grant_role, act, other, **again)
    refused("agency_needed", house.db.act, grant_role, act, other, role=Role.MAKER, agency=None)
    refused("staff_unknown", house.db.act, grant_role, act, "stf_none", **again)
    with pytest.raises(UnknownAgencyError):
        house.db.act(grant_role, act, other, role=Role.MAKER, agency="H77")


def test_a_proposed_role_opens_nothing(house, act):
    enrolled(house, act, "admin@hd.example", Role.ADMIN, agency=None)
    enrolled(house, act, "other@hd.example", Role.CHECKER, Role.VIEWER)

    assert visitor(house, act, "other@hd.example").roles == {Role.VIEWER}


# ---- reset ----------------------------------------------------------------------------------
def test_a_reset_changes_nothing_until_a_second_admin_approves_it(house, act):
    first = enrolled(house, act, "one@hd.example", Role.ADMIN, agency=None)
    second = enrolled(house, act, "two@hd.example")
    house.db.act(grant_role, by(act, first), second, role=Role.ADMIN, agency=None)
    third = enrolled(house, act, "third@hd.example", Role.VIEWER)
    two, three = visitor(house, act, "two@hd.example"), visitor(house, act, "third@hd.example")
    invitation = new_invitation(act)

    link = house.db.act(reset_staff, by(act, first), VAULT, invitation, third)
    before = (open_link(house, act, invitation.token), person(house, third).state)
    refused("approver_is_proposer", approve, house, by(act, first), two, link.id)
    approve(house, by(act, second), two, link.id)

    assert link.state is GrantState.PROPOSED
    assert before == (None, StaffState.ACTIVE)
    assert open_link(house, act, invitation.token) is not None
    assert person(house, third).password_hash is None
    assert session_is_dead(house, three)


def approve(house, act, who, proposal_id):
    house.db.act(approve_staff, act, who, proposal_id)


def person(house, staff_id):
    with house.db.read() as tx:
        found = staff.get(tx, staff_id)
    assert found is not None
    return found


def session_is_dead(house, came):
    with house.db.read() as tx:
        text = sa.text("SELECT revoked_at FROM staff_session WHERE id = :id")
        return tx.execute(text, {"id": came.session.id}).scalar_one() is not None


def test_the_only_admin_is_reset_at_once_since_nobody_else_is_there(house, act):
    admin = enrolled(house, act, "admin@hd.example", Role.ADMIN, agency=None)
    came = visitor(house, act, "admin@hd.example")
    invitation = new_invitation(act)

    link = house.db.act(reset_staff, act, VAULT, invitation, admin)

    assert link.state is GrantState.ACTIVE
    assert open_link(house, act, invitation.token) is not None
    assert session_is_dead(house, came)


# ---- the link -------------------------------------------------------------------------------
def test_a_link_is_good_once_and_for_a_day(house, act):
    other = enrolled(house, act, "other@hd.example", Role.VIEWER)
    invitation = new_invitation(act)
    house.db.act(reset_staff, act, VAULT, invitation, other)

    def after(hours):
        later = dataclasses.replace(act, now=act.now + hours * (HOUR))
        return open_link(house, later, invitation.token) is not None

    assert [after(0), after(23.9), after(24)] == [True, True, False]
    assert open_link(house, act, "another token") is None


def test_a_secret_that_was_sealed_for_one_person_does_not_open_for_another(house, act):
    one = enrolled(house, act, "one@hd.example", Role.VIEWER)
    two = enrolled(house, act, "two@hd.example", Role.VIEWER)
    lent = person(house, one).enrolment_id
    hashed = person(house, two).password_hash
    house.db.act(staff.enrol, two, password_hash=hashed, enrolment_id=lent)
    proof = Proof(email="two@hd.example", password=PASSWORD, code="123456", network="n")

    with pytest.raises(sealed.SealError):
        log_in(house, act, proof, kind=SessionKind.CLI)


# ---- the end --------------------------------------------------------------------------------
def test_a_disabled_person_keeps_neither_session_nor_role_nor_login(house, act):
    other = enrolled(house, act, "other@hd.example", Role.VIEWER)
    came = visitor(house, act, "other@hd.example")

    ended = house.db.act(disable_staff, act, other)

    later = dataclasses.replace(act, now=act.now + HOUR)
    proof = Proof(
        email="other@hd.example", password=PASSWORD, code=right_code(later.now), network="n"
    )
    assert ended >= 1
    assert session_is_dead(house, came)
    assert not isinstance(log_in(house, later, proof, kind=SessionKind.CLI), LoggedIn)
    with house.db.read() as tx:
        assert [each.holds for each in grants.of_staff(tx, other)] == [False]
    refused("staff_disabled", house.db.act, disable_staff, act, other)
    refused("staff_disabled", house.db.act, reset_staff, act, VAULT, new_invitation(act), other)


# ---- what is kept ---------------------------------------------------------------------------
def test_the_audit_of_staff_is_whole_and_names_nobody(house, act):
    other = enrolled(house, act, "other@hd.example", Role.VIEWER)
    visitor(house, act, "other@hd.example")
    house.db.act(disable_staff, act, other)

    with house.db.read() as tx:
        findings = [each.findings for each in check_books(tx)]
        records = " ".join(each.record for each in audit.stream_of(tx, f"staff:{other}"))
    assert not any(findings)
    for action in ("added", "granted", "enrolled", "logged_in", "disabled"):
        assert f"staff.{action}" in records
    assert "hd.example" not in records
    assert "Khánh" not in records


def test_the_database_holds_no_password_no_secret_and_no_token(house, act):
    enrolled(house, act, "other@hd.example", Role.VIEWER)
    proof = Proof(email="other@hd.example", password=PASSWORD, code=right_code(NOON), network="n")
    found = log_in(house, act, proof, kind=SessionKind.DESK)
    assert isinstance(found, LoggedIn)
    invitation = new_invitation(act)
    house.db.act(reset_staff, act, VAULT, invitation, found.staff.id)

    with house.db.read() as tx:
        tables = sa.inspect(tx).get_table_names()
        dump = "\n".join(
            str(row)
            for name in tables
            for row in tx.execute(sa.text(f"SELECT * FROM {name}"))  # noqa: S608  # names of our own tables
        )
    assert "other@hd.example" in dump
    for secret in (PASSWORD, SECRET, invitation.secret, invitation.token, found.token):
        assert secret not in dump
