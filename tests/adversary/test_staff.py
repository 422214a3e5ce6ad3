"""Staff who want to decide alone, or elsewhere, or after they have gone (DESIGN 2.16)."""

import dataclasses
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from paygate.domain.errors import ValueRefusedError
from paygate.domain.staff import GrantState, Role, SessionKind, StaffState
from paygate.services import passwords, prove_identity
from paygate.services.approve_staff import approve_staff
from paygate.services.disable_staff import disable_staff
from paygate.services.enrol_staff import enrol_staff, open_link
from paygate.services.find_session import Visitor, find_session
from paygate.services.grant_role import grant_role
from paygate.services.invite_staff import new_invitation
from paygate.services.log_in import log_in
from paygate.services.log_out import log_out
from paygate.services.open_session import LoggedIn
from paygate.services.prove_identity import Delayed, Proof, Refused
from paygate.services.reset_staff import reset_staff
from paygate.services.step_up import step_up
from paygate.store import agencies, grants, staff
from paygate.store.agencies import Agency
from paygate.store.grants import Grant
from tests.support.builders import AGENCY, VAULT, a_house, an_act, furnish
from tests.support.desk import FOREIGN, PASSWORD, SECRET, below_a_province, enrolled, right_code
from tests.support.races import ROUNDS

OPERATOR = "operator:root"
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def house(db):
    db.act(furnish)
    db.act(below_a_province)
    return a_house(db)


@pytest.fixture
def act():
    return an_act(actor=OPERATOR)


def by(act, staff_id):
    return dataclasses.replace(act, actor=f"user:{staff_id}")


def an_admin(house, act, email, *, agency=None):
    """An admin, let in by two whom this test does not need."""
    person = enrolled(house, act, email, agency=None)
    grant = Grant(
        id=act.ids.new("grt", act.now),
        staff_id=person,
        role=Role.ADMIN,
        agency=agency,
        state=GrantState.ACTIVE,
        granted_at=act.now,
        granted_by="operator:test",
        since=act.now,
    )
    house.db.act(grants.add, grant)
    return person


def visitor(house, act, email, kind=SessionKind.CLI):
    proof = Proof(email=email, password=PASSWORD, code=right_code(act.now), network=email)
    found = log_in(house, act, proof, kind=kind)
    assert isinstance(found, LoggedIn)
    came = find_session(house, found.token, kind=kind, now=act.now)
    assert isinstance(came, Visitor)
    return came


def refusal(house, verb, *arguments, **more):
    """Return the code by which the verb is refused, None where it is not."""
    try:
        house.db.act(verb, *arguments, **more)
    except ValueRefusedError as error:
        return error.code
    return None


def person(house, staff_id):
    with house.db.read() as tx:
        found = staff.get(tx, staff_id)
    assert found is not None
    return found


# ---- nobody makes himself alone -------------------------------------------------------------
def test_one_of_two_admins_does_not_get_the_login_of_the_other(house, act):
    """The link is shown to whoever proposes: he would be his own second person."""
    one = an_admin(house, act, "one@hd.example")
    two = an_admin(house, act, "two@hd.example")

    code = refusal(house, reset_staff, by(act, one), VAULT, new_invitation(act), two)

    assert code == "last_other_admin"
    assert person(house, two).password_hash is not None


def test_one_of_two_admins_does_not_disable_the_other_and_then_decide_alone(house, act):
    one = an_admin(house, act, "one@hd.example")
    two = an_admin(house, act, "two@hd.example")

    assert refusal(house, disable_staff, by(act, one), two) == "last_other_admin"
    assert person(house, two).state is StaffState.ACTIVE
    assert refusal(house, disable_staff, act, two) is None  # the operator, whom the audit names


def test_one_of_three_admins_disables_another_and_still_has_to_ask(house, act):
    one, two, three = (an_admin(house, act, f"{n}@hd.example") for n in ("one", "two", "three"))
    checker = enrolled(house, act, "checker@hd.example")

    assert refusal(house, disable_staff, by(act, one), two) is None
    waits = house.db.act(grant_role, by(act, one), checker, role=Role.CHECKER, agency="H23")

    assert waits.state is GrantState.PROPOSED
    assert refusal(house, disable_staff, by(act, one), three) == "last_other_admin"


def test_an_admin_may_go_of_his_own_will(house, act):
    one = an_admin(house, act, "one@hd.example")
    an_admin(house, act, "two@hd.example")

    assert refusal(house, disable_staff, by(act, one), one) is None


def test_where_one_of_two_admins_lost_his_telephone_operator_and_the_other_help(house, act):
    one = an_admin(house, act, "one@hd.example")
    two = an_admin(house, act, "two@hd.example")
    invitation = new_invitation(act)

    link = house.db.act(reset_staff, act, VAULT, invitation, two)
    before = open_link(house, act, invitation.token)
    house.db.act(approve_staff, by(act, one), visitor(house, act, "one@hd.example"), link.id)

    assert (link.state, before) == (GrantState.PROPOSED, None)
    assert open_link(house, act, invitation.token) is not None


# ---- a role or a login that ended in between ------------------------------------------------
def test_whoever_was_disabled_after_he_came_approves_nothing(house, act):
    one = an_admin(house, act, "one@hd.example")
    an_admin(house, act, "two@hd.example")
    third = enrolled(house, act, "third@hd.example")
    two = visitor(house, act, "two@hd.example")
    grant = house.db.act(grant_role, by(act, one), third, role=Role.CHECKER, agency="H23")
    house.db.act(disable_staff, act, two.staff.id)

    code = refusal(house, approve_staff, by(act, two.staff.id), two, grant.id)

    assert code == "role_missing"


def test_whoever_logged_out_is_not_brought_back_by_a_step_up_that_was_running(house, act):
    enrolled(house, act, "viewer@hd.example", Role.VIEWER)
    came = visitor(house, act, "viewer@hd.example", SessionKind.DESK)
    house.db.act(log_out, by(act, came.staff.id), came)
    after = dataclasses.replace(act, now=act.now + HALF_A_MINUTE)

    found = step_up(house, after, came, password=PASSWORD, code=right_code(after.now), network="n")

    assert isinstance(found, Refused)


# ---- an admin of one agency -----------------------------------------------------------------
@pytest.fixture
def local(house, act):
    """An admin of one agency, beside two of the whole house."""
    for name in ("one", "two"):
        an_admin(house, act, f"{name}@hd.example")
    return an_admin(house, act, "local@hd.example", agency=AGENCY)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ((Role.VIEWER, AGENCY), None),
        ((Role.VIEWER, "H23"), "beyond_your_agencies"),
        ((Role.VIEWER, FOREIGN), "beyond_your_agencies"),
        ((Role.AUDITOR, None), "beyond_your_agencies"),
        ((Role.ADMIN, None), "beyond_your_agencies"),
    ],
)
def test_an_admin_of_an_agency_grants_below_it_and_nowhere_else(house, act, local, wanted, code):
    other = enrolled(house, act, "other@hd.example")
    role, agency = wanted

    assert refusal(house, grant_role, by(act, local), other, role=role, agency=agency) == code


@pytest.mark.parametrize(
    ("agency", "code"),
    [(AGENCY, None), ("H23", "beyond_your_agencies"), (FOREIGN, "beyond_your_agencies")],
)
def test_an_admin_of_an_agency_takes_nobody_away_who_works_elsewhere(
    house, act, local, agency, code
):
    other = enrolled(house, act, "other@hd.example", Role.VIEWER, agency=agency)
    invitation = new_invitation(act)

    assert refusal(house, reset_staff, by(act, local), VAULT, invitation, other) == code
    assert refusal(house, disable_staff, by(act, local), other) == code


def test_an_admin_of_an_agency_approves_nothing_beyond_it(house, act, local):
    other = enrolled(house, act, "other@hd.example")
    within = house.db.act(grant_role, act, other, role=Role.CHECKER, agency=AGENCY)
    beyond = house.db.act(grant_role, act, other, role=Role.CHECKER, agency=FOREIGN)
    whole = house.db.act(grant_role, act, other, role=Role.ADMIN, agency=None)
    came = visitor(house, act, "local@hd.example")

    codes = [
        refusal(house, approve_staff, by(act, local), came, each.id)
        for each in (within, beyond, whole)
    ]

    assert codes == [None, "beyond_your_agencies", "beyond_your_agencies"]


def test_nobody_waits_for_an_admin_who_could_not_approve(house, act):
    an_admin(house, act, "there@hd.example", agency=FOREIGN)
    other = enrolled(house, act, "other@hd.example")

    here = house.db.act(grant_role, act, other, role=Role.MAKER, agency="H23")
    there = house.db.act(grant_role, act, other, role=Role.MAKER, agency=FOREIGN)

    assert (here.state, there.state) == (GrantState.ACTIVE, GrantState.PROPOSED)


def test_an_agency_that_moves_takes_its_admin_along(house, act, local):
    house.db.act(agencies.put, Agency(code="H23.9", name="Mới", parent=FOREIGN))
    other = enrolled(house, act, "other@hd.example")
    grant = {"role": Role.VIEWER, "agency": "H23.9"}
    before = refusal(house, grant_role, by(act, local), other, **grant)

    house.db.act(agencies.put, Agency(code="H23.9", name="Mới", parent=AGENCY))

    assert before == "beyond_your_agencies"
    assert refusal(house, grant_role, by(act, local), other, **grant) is None


# ---- what a guess learns --------------------------------------------------------------------
@pytest.mark.parametrize("outdated", [False, True])
def test_a_right_password_with_a_wrong_code_is_as_much_work_as_a_wrong_one(
    house, act, monkeypatch, outdated
):
    """Statements and hashes are counted: what takes longer tells the password (TRUST S61)."""
    enrolled(house, act, "one@hd.example")
    made: list[int] = []
    asked: list[str] = []
    hash_password = passwords.hash_password

    def hash_and_count(*given, **more):
        made.append(1)
        return hash_password(*given, **more)

    monkeypatch.setattr(passwords, "hash_password", hash_and_count)
    monkeypatch.setattr(passwords, "is_outdated", lambda *_, **__: outdated)

    def count(email, password):
        made.clear()
        asked.clear()
        proof = Proof(email=email, password=password, code="000000", network=email + password)
        assert isinstance(log_in(house, act, proof, kind=SessionKind.DESK), Refused)
        return len(made), len(asked)

    with house.db.read() as tx:
        engine = tx.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    right = count("one@hd.example", PASSWORD)
    assert right == count("one@hd.example", "another password")
    assert right == count("nobody@hd.example", PASSWORD)
    assert right[0] == 0
    assert right[1] > 5


# ---- passwords ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "password",
    [
        "e\u0302\u0301" * 50 + " bốn con mèo ngủ trưa",  # as keyboards that type accents apart do
        "🐈🐕🐎🐄🐖🐏" * 20,
    ],
)
def test_a_long_password_that_was_taken_is_believed_again(house, act, password):
    enrolled(house, act, "one@hd.example", password=password)
    proof = Proof(email="one@hd.example", password=password, code=right_code(act.now), network="n")

    assert isinstance(log_in(house, act, proof, kind=SessionKind.DESK), LoggedIn)


def test_a_crowd_at_the_login_is_asked_to_come_back_and_leaves_threads_to_others(house, act):
    """Each comparison holds 64 MiB and a thread; those who only wait would hold threads, too."""
    enrolled(house, act, "one@hd.example")
    proof = Proof(email="one@hd.example", password=PASSWORD, code=right_code(act.now), network="n")
    places = passwords.AT_ONCE_MAX + passwords.WAITING_MAX
    for _ in range(places):
        assert passwords._DOOR.acquire(blocking=False)
    try:
        crowded = log_in(house, act, proof, kind=SessionKind.DESK)
    finally:
        for _ in range(places):
            passwords._DOOR.release()

    assert crowded == Delayed(prove_identity.CROWDED_WAIT, crowded=True)
    assert isinstance(log_in(house, act, proof, kind=SessionKind.DESK), LoggedIn)


@pytest.mark.parametrize(
    "email",
    [
        "\u0441hecker@hd.example",  # a Cyrillic letter
        "checker\u200b@hd.example",
        "checker@hd.\u0435\u0445ample",
        "\uff23hecker@hd.example",
    ],
)
def test_nobody_is_added_who_looks_like_a_colleague(house, act, email):
    with pytest.raises(ValueRefusedError):
        enrolled(house, act, email)


# ---- the link, twice at once ----------------------------------------------------------------
def test_a_link_that_two_use_at_once_lets_one_in(bare_db):
    bare_db.act(furnish)
    house, act = a_house(bare_db), an_act(actor=OPERATOR)
    barrier = threading.Barrier(2)
    for number in range(ROUNDS // 4):
        other = enrolled(house, act, f"n{number}@hd.example")
        invitation = dataclasses.replace(new_invitation(act), secret=SECRET)
        house.db.act(reset_staff, act, VAULT, invitation, other)
        link = open_link(house, act, invitation.token)
        found: list[LoggedIn | None] = []

        def use(password, link=link, found=found):
            barrier.wait(timeout=30)
            found.append(enrol_staff(house, act, link, password=password, code=right_code(act.now)))

        crew = [threading.Thread(target=use, args=(each,)) for each in (PASSWORD, PASSWORD[::-1])]
        for each in crew:
            each.start()
        for each in crew:
            each.join()
        assert sorted(each is None for each in found) == [False, True]


# ---- three admins, each of whom takes another away at the same moment ------------------------
def test_however_three_admins_fall_out_two_are_left(bare_db):
    bare_db.act(furnish)
    house, act = a_house(bare_db), an_act(actor=OPERATOR)
    for number in range(ROUNDS // 4):
        three = [an_admin(house, act, f"n{number}.{name}@hd.example") for name in "abc"]
        barrier = threading.Barrier(3)

        def attack(one, other, barrier=barrier):
            barrier.wait(timeout=30)
            refusal(house, disable_staff, by(act, one), other)

        pairs = zip(three, three[1:] + three[:1], strict=True)
        crew = [threading.Thread(target=attack, args=each) for each in pairs]
        for each in crew:
            each.start()
        for each in crew:
            each.join()
        left = [each for each in three if person(house, each).state is StaffState.ACTIVE]
        assert len(left) == 2
        for each in left:
            house.db.act(disable_staff, act, each)
