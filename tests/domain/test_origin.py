from __future__ import annotations

import ada_url
import pytest
from hypothesis import example, given
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
        "https://0x7f.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://portal.0x1/",
        "https://[::ffff:1.2.3.4]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[v1.x]/",
        "https://a..b/",
        "https://!$&'()*+,;=/",
    ],
)
def test_what_can_be_read_in_two_ways_is_no_address(url):
    assert origin_of(url) is None


def as_a_browser(url):
    """Return the origin as the URL Standard has it, which every browser follows."""
    try:
        return ada_url.URL(url).origin
    except ValueError:
        return None


HOSTS = st.text(alphabet="abx019.-_:[]@%#?/\\fF\u0430 ", max_size=24) | st.from_regex(
    r"[0-9a-fx]{1,4}(\.[0-9a-fx]{1,4}){0,4}", fullmatch=True
)


@given(st.sampled_from(["https://", "http://", "https:", "//"]), HOSTS, st.text(max_size=8))
@example("https://", "0x7f.1", "")
@example("https://", "[v1.x]", "")
@example("https://", "portal.example:0443", "/")
def test_what_is_an_origin_for_us_is_the_same_origin_for_a_browser(scheme, host, rest):
    url = f"{scheme}{host}{rest}"
    origin = origin_of(url)

    assert origin is None or origin == as_a_browser(url)


@given(st.text())
def test_any_text_has_an_origin_that_is_its_own_or_none(text):
    origin = origin_of(f"https://portal.example{text}")

    assert origin is None or origin_of(origin) == origin
