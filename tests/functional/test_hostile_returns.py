"""A hundred hostile return addresses: none makes an order, so none leads a citizen away (S17)."""

import pytest
import sqlalchemy as sa

from paygate.store import orders
from tests.support.gateway import a_gateway, deck_order

pytestmark = pytest.mark.functional

HOME = "portal.example"  # the registered origin is https://portal.example
EVIL = "evil.example"

OTHER_SCHEMES = [
    f"{scheme}{HOME}/back"
    for scheme in [
        "http://", "HTTP://", "HTTPS://", "hTtPs://", "ftp://", "ws://", "wss://", "file://",
        "blob:https://", "view-source:https://", "intent://", "https:", "https:/", "https:///",
        "https:\\\\", "https:/\\", "http:https://", "", "/", "//", "///", "\\\\", "/\\",
        "@", "?", "#",
    ]
]  # fmt: skip
SCRIPTS = [
    "javascript:alert(1)",
    f"javascript://{HOME}/%0aalert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:,x",
    "vbscript:msgbox(1)",
    "mailto:a@portal.example",
    "tel:19000000",
    "about:blank",
]
OTHER_HOSTS = [
    f"https://{host}/back"
    for host in [
        EVIL, f"{HOME}.{EVIL}", f"{EVIL}.{HOME}", f"www.{HOME}", f"x{HOME}", f"{HOME}x",
        "portalexample", "portal-example", "portal.example.com", "portal.exampl", "ortal.example",
        f"{HOME}:444", f"{HOME}:80", f"{HOME}:0", f"{HOME}:65536", f"{HOME}:99999999999",
        f"{HOME}:x", f"{HOME}:443:443", f"{HOME}:-443", f"{HOME}:+443",
        f"{HOME}:\uff14\uff14\uff13",
        f"{HOME}@{EVIL}", f"{HOME}:443@{EVIL}", f"u:p@{HOME}", f"@{HOME}", f"{EVIL}@{HOME}",
        f"{EVIL}#@{HOME}", f"{EVIL}?@{HOME}", f"{EVIL}\\@{HOME}", f"{HOME}\\@{EVIL}",
        f"{HOME}\\.{EVIL}", f"{EVIL}\\.{HOME}", f"{EVIL};{HOME}", f"{EVIL},{HOME}",
        f"{EVIL}&{HOME}", f"{HOME}%2e{EVIL}", f"{HOME}%00.{EVIL}", f"{HOME}%23.{EVIL}",
        "portal%2eexample", "portal.exampl%65", f"{HOME}.", f".{HOME}", f"{HOME}..",
        "portal..example",
        "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", f"[{HOME}]",
        "localhost", "169.254.169.254",
    ]
]  # fmt: skip
LOOKALIKES = [
    f"https://{host}/back"
    for host in [
        "p\u043ertal.example", "portal\u3002example", "portal\uff0eexample", "portal\uff61example",
        "\uff50ortal.example", "port\u0430l.example", "portal.example\u2044",
        "xn--prtal-jye.example",
        f"{HOME}\uff0f@{EVIL}", f"{HOME}\u2028", f"{HOME}\u200b", f"\u202e{HOME}", f"{HOME}\u00ad",
    ]
]  # fmt: skip
BLANKS = [
    f" https://{HOME}/back",
    f"https://{HOME} /back",
    f"https://{HOME}/back ",
    f"https://{HOME}/ba ck",
    f"\thttps://{HOME}/back",
    f"ht\ttps://{HOME}/back",
    "https://portal\t.example/back",
    f"https://{HOME}/back\r\nLocation: https://{EVIL}/",
    f"https://{HOME}/back\n",
    f"https://{HOME}/\x00",
    f"https://{HOME}/\x7f",
    f'https://{HOME}/"><script>',
    f"https://{HOME}/<svg>",
    f"https://{HOME}/`",
    f"https://{HOME}/{{x}}",
    f"https://{HOME}/" + "a" * 2_000,
]
HOSTILE = [*OTHER_SCHEMES, *SCRIPTS, *OTHER_HOSTS, *LOOKALIKES, *BLANKS]


def test_the_corpus_holds_a_hundred_addresses():
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


def test_none_of_them_makes_an_order(db):
    gateway = a_gateway(db)
    answers = {}
    for url in HOSTILE:
        gateway.clock.step(seconds=5)  # slower than any limit of requests
        answers[url] = gateway.post_order(deck_order(return_url=url))

    # A NUL has no place in any text of the API: 400 before anybody looks at the address.
    let_in = [url for url, answer in answers.items() if answer.status_code not in {400, 422}]
    assert let_in == []
    with gateway.house.db.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(orders.table)).scalar() == 0


def test_the_portals_own_address_makes_one(db):
    answer = a_gateway(db).post_order(deck_order(return_url=f"https://{HOME}:443/back?a=1"))

    assert answer.status_code == 201
