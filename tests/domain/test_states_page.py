from __future__ import annotations

from itertools import chain

from paygate.domain import order, payment
from tests.support.draw_states import PAGE, draw


def test_the_page_shows_what_the_tables_say():
    """Red after a change of a table: run `.venv/bin/python -m tests.support.draw_states`."""
    assert PAGE.read_text(encoding="utf-8") == draw()


def test_every_change_of_state_is_on_the_page():
    page = draw()

    steps = chain(order.TRANSITIONS.items(), payment.TRANSITIONS.items())
    for (state, event), target in steps:
        if state is not target:
            (line,) = (
                each
                for each in page.splitlines()
                if each.startswith(f"    {state} --> {target}:") and event in each
            )
            assert line
