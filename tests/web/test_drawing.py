"""The drawing of a code is the code: module by module, with its quiet zone, never a Micro QR."""

import re

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from paygate.web.drawing import QUIET, draw, picture
from tests.support.pages import PAYLOAD


def painted(drawing):
    """Return the modules that the path paints."""
    return {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing.path)
        for step in range(int(length))
    }


@given(st.text(min_size=1, max_size=120))
def test_the_path_paints_the_dark_modules_and_nothing_else(payload):
    drawing = draw(payload)
    matrix = segno.make_qr(payload, error="m").matrix

    dark = {
        (x + QUIET, y + QUIET)
        for y, row in enumerate(matrix)
        for x, module in enumerate(row)
        if module
    }
    assert painted(drawing) == dark
    assert drawing.side == len(matrix) + 2 * QUIET


@pytest.mark.parametrize("payload", ["A", "PG-7K3M", PAYLOAD])
def test_a_short_code_is_no_micro_qr(payload):
    assert draw(payload).side >= 21 + 2 * QUIET


def test_a_picture_is_the_same_for_the_same_code():
    assert picture(PAYLOAD) == picture(PAYLOAD)
    assert picture(PAYLOAD) != picture(PAYLOAD + "0")
