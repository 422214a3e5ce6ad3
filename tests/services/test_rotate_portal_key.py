"""A portal changes its key without a pause, and an old key ends when it was said to."""

from datetime import timedelta

import pytest

from paygate.domain.errors import ValueRefusedError
from paygate.services.rotate_portal_key import rotate_portal_key
from paygate.store import audit, portals
from tests.support.builders import NOON, a_portal, an_act, furnish
from tests.support.fakes import CountingIds

DAY = timedelta(days=1)


@pytest.fixture
def rotate(db):
    db.act(furnish)
    ids = CountingIds()

    def rotate(name, *, at=NOON, overlap=DAY, code="hd"):
        act = an_act(at, ids=ids)
        return db.act(
            rotate_portal_key, act, code, key_id=name, key_secret=f"s-{name}", overlap=overlap
        )

    return rotate


def opens(db, name, at):
    with db.read() as tx:
        return portals.by_key(tx, name, f"s-{name}", now=at) is not None


def test_both_keys_open_during_the_overlap_and_then_the_new_one_alone(db, rotate):
    assert rotate("old") == 0

    assert rotate("new") == 1

    assert [opens(db, each, NOON) for each in ("old", "new")] == [True, True]
    almost = NOON + DAY - timedelta(microseconds=1)
    assert [opens(db, each, almost) for each in ("old", "new")] == [True, True]
    assert [opens(db, each, NOON + DAY) for each in ("old", "new")] == [False, True]


def test_without_overlap_the_old_key_ends_at_once(db, rotate):
    rotate("old")

    rotate("new", overlap=timedelta())

    assert [opens(db, each, NOON) for each in ("old", "new")] == [False, True]


def test_a_key_that_ends_sooner_keeps_its_end(db, rotate):
    rotate("first")
    rotate("second", overlap=DAY)

    assert rotate("third", at=NOON + timedelta(hours=12), overlap=DAY) == 1

    with db.read() as tx:
        ends = {each.id: each.ends_at for each in portals.keys_of(tx, a_portal().id)}
    assert ends == {
        "first": NOON + DAY,
        "second": NOON + timedelta(hours=36),
        "third": None,
    }


def test_a_rotation_may_end_the_overlap_of_the_one_before(db, rotate):
    rotate("first")
    rotate("second", overlap=DAY)

    assert rotate("third", overlap=timedelta()) == 2

    assert [opens(db, each, NOON) for each in ("first", "second", "third")] == [
        False,
        False,
        True,
    ]


def test_another_portal_is_not_touched(db, rotate):
    db.act(portals.add, a_portal("other"), ())
    rotate("mine", code="other")

    rotate("new", overlap=timedelta())

    assert opens(db, "mine", NOON)


def test_a_rotation_is_audited_without_the_secret(db, rotate):
    rotate("new")

    with db.read() as tx:
        (record,) = audit.stream_of(tx, f"portal:{a_portal().id}")
    assert '"action":"portal.key_rotated"' in record.record
    assert '"key":"new"' in record.record
    assert "s-new" not in record.record


def test_a_portal_that_nobody_knows_gets_no_key(db, rotate):
    with pytest.raises(ValueRefusedError, match="portal_unknown"):
        rotate("new", code="nobody")

    assert not opens(db, "new", NOON)
