from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from paygate.demo.portal.client import Order
from paygate.demo.portal.procedures import PROCEDURES
from paygate.demo.portal.store import Store
from paygate.demo.portal.webhooks import Event

NOW = datetime(2026, 11, 25, 16, 59, 59, tzinfo=UTC)
DECK = "000.30.27.H23-220928-0001"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "portal.sqlite3")


def file(store, key="k", *, slug="ho-tich", now=NOW, refused_code="", body="body"):
    return store.file(
        PROCEDURES[slug],
        idempotency_key=key,
        refused_code=refused_code,
        login="maunv.hdg",
        body_for=lambda code: f"{body} of {code}",
        now=now,
    )


def an_order(code, *, order_id="ord_1", state="open"):
    return Order(
        id=order_id, code="PG", state=state, amount=5000, dossier_code=code, checkout_url=None
    )


def an_event(version, state):
    return Event(
        id=f"evt_{version}",
        type=f"order.{state}",
        happened_at="",
        object="order",
        order_id="ord_1",
        dossier_code=DECK,
        state=state,
        amount=5000,
        version=version,
        body="{}",
    )


def test_the_first_dossier_of_the_decks_service_has_the_decks_code(store):
    assert file(store).code == DECK


def test_later_dossiers_are_numbered_within_the_day_of_viet_nam(store):
    land = file(store, "1", slug="dat-dai")
    codes = [file(store, key, now=NOW).code for key in "23"]
    tomorrow = file(store, "4", now=NOW + timedelta(seconds=1))

    assert land.code == "000.30.27.H23-261125-0001"
    assert codes == [DECK, "000.30.27.H23-261125-0002"]
    assert tomorrow.code == "000.30.27.H23-261126-0001"


def test_codes_stay_apart_when_many_file_at_once(store):
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda key: file(store, str(key)).code, range(40)))

    numbered = {f"000.30.27.H23-261125-{number:04d}" for number in range(1, 40)}
    assert set(codes) == {DECK} | numbered


def test_one_key_pressed_many_times_at_once_is_one_dossier(store):
    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(lambda _: file(store).code, range(16)))

    assert codes == {DECK}


def test_what_is_kept_is_there_after_a_restart(store, tmp_path):
    file(store)

    again = Store(tmp_path / "portal.sqlite3").dossier(DECK)

    assert again is not None
    assert (again.state, again.body, again.filed_at) == ("unsent", f"body of {DECK}", NOW)


def test_a_body_that_cannot_be_made_takes_no_code(store):
    def fail(_code):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.file(
            PROCEDURES["ho-tich"],
            idempotency_key="k",
            refused_code="",
            login="l",
            body_for=fail,
            now=NOW,
        )

    assert file(store).code == DECK


def test_personal_data_is_forgotten_once_the_gateway_answered(store):
    issued, refused = file(store, "1"), file(store, "2")
    store.mark_issued(issued.code, an_order(issued.code))
    store.mark_refused(refused.code)

    assert [dossier.body for dossier in store.newest(9)] == [None, None]


def test_a_late_refusal_does_not_undo_an_order(store):
    file(store)
    store.mark_issued(DECK, an_order(DECK))
    store.mark_refused(DECK)

    assert store.dossier(DECK).state == "open"


def test_a_refused_code_is_taken_over_only_for_the_same_service(store):
    file(store, "1")
    store.mark_refused(DECK)

    land = file(store, "2", slug="dat-dai", refused_code=DECK)
    corrected = file(store, "3", refused_code=DECK, body="better")

    assert land.code != DECK
    assert (corrected.code, corrected.state) == (DECK, "unsent")
    assert corrected.body == f"better of {DECK}"


def test_the_order_of_events_does_not_matter(tmp_path):
    story = [an_event(2, "processing"), an_event(3, "open"), an_event(4, "processing")]
    story.append(an_event(5, "paid"))
    for number, events in enumerate(permutations(story)):
        store = Store(tmp_path / f"{number}.sqlite3")
        file(store)
        store.mark_issued(DECK, an_order(DECK))
        told = [store.keep(event, now=NOW) for event in (*events, *events)]

        assert told == [True] * 4 + [False] * 4
        [dossier] = store.newest(9)
        assert (dossier.state, dossier.version) == ("paid", 5)


def test_an_event_that_comes_before_the_answer_counts_when_the_answer_comes(store):
    file(store)
    store.keep(an_event(2, "paid"), now=NOW)
    store.mark_issued(DECK, an_order(DECK))

    assert store.dossier(DECK).state == "paid"


def test_a_dossier_prints_nothing_personal(store):
    dossier = file(store, body="0011002233")

    assert "0011002233" not in repr(dossier)
