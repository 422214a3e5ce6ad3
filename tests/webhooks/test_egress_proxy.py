"""Through an egress proxy: it is asked for the checked address, and cannot read the message."""

import socket
import ssl
import threading

import pytest

from tests.webhooks.test_egress import OK, Authority, Visits, sends, server, serving, trouble_of
from webhooks.egress import PublicPost

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
TOTAL_S = 5


def head_of(sock):
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        part = sock.recv(1)
        if not part:
            return request
        request += part
    return request


def pump(source, target):
    while chunk := source.recv(65_536):
        target.sendall(chunk)


def through(port):
    """Play a proxy that connects everybody to *port* of this machine, wherever he wants to go."""

    def handle(sock, _request):
        with socket.create_connection(("127.0.0.1", port), TOTAL_S) as onward:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, sock), daemon=True)
            back.start()
            pump(sock, onward)
            back.join(TOTAL_S)

    return server(handle, read=head_of)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


def post_by(proxy, authority, addresses=("127.0.0.1",), **more):
    trust = ssl.create_default_context(cafile=str(authority.file))
    return PublicPost(
        resolve=Visits(list(addresses)),
        trust=trust,
        total_s=TOTAL_S,
        proxy=f"127.0.0.1:{proxy}",
        **more,
    )


def test_the_proxy_is_asked_for_the_checked_address_and_tls_ends_at_the_portal(authority):
    with (
        sends(OK, serving(authority.issue("portal.example"))) as (port, seen),
        through(port) as (
            proxy,
            asked,
        ),
    ):
        post = post_by(proxy, authority, loopback=True)
        status = post(f"https://portal.example:{port}/hooks", {}, b'{"secret": 1}')

    assert status == 200
    assert asked == [
        f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    ]
    assert seen[0].startswith(b"POST /hooks")


def test_a_private_address_is_refused_before_the_proxy_hears_of_it(authority):
    with sends(OK) as (port, _), through(port) as (proxy, asked):
        trouble = trouble_of(
            post_by(proxy, authority, ["10.0.0.1"]), "https://portal.example/hooks"
        )

    assert (trouble, asked) == ("address_not_public", [])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 403 Forbidden\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"x" * 10_000,
        b"",
    ],
)
def test_a_proxy_that_does_not_connect_is_told_as_such(authority, answer):
    with server(lambda sock, _: sock.sendall(answer), read=head_of) as (proxy, _):
        trouble = trouble_of(post_by(proxy, authority, ["1.1.1.1"]), "https://portal.example/hooks")

    assert trouble in {"proxy", "timeout"}


def test_no_proxy_there_is_told_as_such(authority):
    with server(lambda *_: None, read=head_of) as (proxy, _):
        pass

    assert trouble_of(post_by(proxy, authority, ["1.1.1.1"]), "https://portal.example/") == "proxy"
