from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paygate.domain.origin import origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://portal.example", "https://portal.example"),
        ("https://portal.example/return?a=1#b", "https://portal.example"),
        ("https://PORTAL.example/", "https://portal.example"),
        ("https://portal.example:443/", "https://portal.example"),
        ("https://portal.example:8443/", "https://portal.example:8443"),
        ("http://127.0.0.1:8002/return", "http://127.0.0.1:8002"),
        ("http://127.0.0.1:80/return", "http://127.0.0.1"),
        ("http://127.0.0.1:443/return", "http://127.0.0.1:443"),
        ("http://[::1]:8002/return", "http://[::1]:8002"),
        ("http://[::1:8002]/return", "http://[::1:8002]"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/return",
        "//portal.example/",
        "https:portal.example",
        "https:/portal.example",
        "https:///portal.example",
        "HTTPS://portal.example",
        "ftp://portal.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://user@portal.example/",
        "https://portal.example@evil.example/",
        "https://portal.example\\@evil.example/",
        "https://evil.example\\.portal.example/",
        "https://portal.example /",
        " https://portal.example/",
        "https://portal.example/\n",
        "https://portal\t.example/",
        "https://portal.example./",
        "https://.portal.example/",
        "https://portal%2eexample/",
        "https://pörtal.example/",
        "https://portal.example\uff0fx",
        "https://portal.example:99999/",
        "https://portal.example:x/",
        "https://[::1/",
        "https://portal.example/" + "x" * 2_000,
    ],
)
def test_what_can_be_read_in_two_ways_is_no_address(url):
    assert origin_of(url) is None


@given(st.text())
def test_any_text_has_an_origin_that_is_its_own_or_none(text):
    origin = origin_of(f"https://portal.example{text}")

    assert origin is None or origin_of(origin) == origin
