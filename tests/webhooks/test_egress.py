"""Where messages may go, against real servers on this machine (TRUST S14-S16)."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from webhooks.egress import (
    NotDeliveredError,
    PublicPost,
    is_public,
    system_addresses,
)

pytestmark = [pytest.mark.loopback, pytest.mark.allow_hosts(["127.0.0.1"])]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
SOON_S = 0.4
LEFT_S = 5  # far more than SOON_S, and less than any server here would wait

# Addresses of this machine, of its neighbours, of nobody: in every spelling, in every wrapping.
FORBIDDEN = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "localhost",
    "LOCALHOST",
    "0.0.0.0",  # noqa: S104  # an address to refuse
    "0",
    "0.1.2.3",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "0177.0.0.01",
    "127.0.0.1.",
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "0x0a.0.0.1",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.255.255",
    "3232235521",
    "169.254.0.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "100.127.255.254",
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2002:c0a8:101::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[100::1]",
    "[5f00::1]",
]
# Whatever browsers and we might read in two ways.
MALFORMED = [
    "https://portal.example@127.0.0.1/",
    "https://127.0.0.1@portal.example/",
    "https://user:pass@portal.example/",
    "https://portal.example\\@127.0.0.1/",
    "https://portal.example#@127.0.0.1/\t",
    "https://127.0.0.1 .portal.example/",
    "https://portal.example:port/",
    "https://portal.example:99999/",
    "https://①②⑦.⓪.⓪.①/",
    "https:///x",
    "https:portal.example",
    "//portal.example/",
    "https://[::1/",
    "https://.portal.example/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://portal.example/",
    "",
]


class Visits:
    """Stands for every name of the internet, and counts who asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port):
        self.asked.append((host, port))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def server(handle, context=None, read=None):
    """Serve each connection with *handle(sock, request)*, and end with the block."""
    read = read or whole
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    seen, closing = [], threading.Event()

    def serve():
        while not closing.is_set():
            try:
                sock, _ = listener.accept()
            except TimeoutError:
                continue
            with sock:
                sock.settimeout(LEFT_S * 2)
                try:
                    speaking = context.wrap_socket(sock, server_side=True) if context else sock
                    with speaking:
                        request = read(speaking)
                        seen.append(request)
                        handle(speaking, request)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        closing.set()
        thread.join()
        listener.close()


def whole(sock):
    """Read a request to its end, else closing would look like a broken line."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = sock.recv(65_536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    (length,) = (
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += sock.recv(65_536)
    return request


def sends(answer, context=None):
    return server(lambda sock, _: sock.sendall(answer), context)


def trouble_of(post, url, headers=None):
    with pytest.raises(NotDeliveredError) as raised:
        post(url, headers or {}, b"{}")
    return raised.value.trouble


def fits(host, port):
    """Resolve numbers as the system does, and no name but this machine's."""
    if host == "localhost":
        return ["127.0.0.1"]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [str(each[4][0]) for each in found]


# ---- where to ------------------------------------------------------------------------------


def test_the_corpus_is_large_enough():
    assert len({*FORBIDDEN, *MALFORMED}) >= 60


@pytest.mark.parametrize("host", FORBIDDEN)
def test_an_address_that_is_not_public_is_never_connected(host):
    with sends(OK) as (port, seen):
        trouble = trouble_of(PublicPost(resolve=fits), f"https://{host}:{port}/x")

    assert trouble in {"address_not_public", "address_malformed", "name"}
    assert seen == []


@pytest.mark.parametrize("url", MALFORMED)
def test_an_address_that_may_be_read_in_two_ways_is_never_resolved(url):
    resolve = Visits(["93.184.215.14"])

    assert trouble_of(PublicPost(resolve=resolve), url) == "address_malformed"
    assert resolve.asked == []


@pytest.mark.parametrize(
    "host", [each for each in FORBIDDEN if each[-1] != "." and "%" not in each]
)
def test_a_name_with_one_bad_address_among_good_ones_is_refused(host):
    bad = fits(host.strip("[]").lower(), 443)
    resolve = Visits(["93.184.215.14", *bad])

    assert trouble_of(PublicPost(resolve=resolve), "https://portal.example/") == (
        "address_not_public"
    )


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_address_public_that_is_not(inner):
    number = int(inner)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
    ]

    assert {is_public(str(each)) for each in wrapped} == {is_public(str(inner))}


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "2a00::1"])
def test_the_open_internet_is_public(address):
    assert is_public(address)


def test_the_systems_resolver_reads_numbers_as_the_system_does():
    assert system_addresses("2130706433", 443) == ["127.0.0.1"]


@pytest.mark.parametrize("answer", [[], OSError("no such name"), UnicodeError("label too long")])
def test_a_name_without_an_address_is_told(answer):
    trouble = trouble_of(PublicPost(resolve=Visits(answer)), "https://portal.example/")

    assert trouble in {"name", "address_not_public"}


def test_a_name_is_asked_once_and_the_checked_address_is_the_one_that_is_spoken_to():
    # A second question would be answered with this machine, where somebody listens.
    resolve = Visits(["192.0.2.1"], ["127.0.0.1"])
    with sends(OK) as (port, seen):
        trouble = trouble_of(PublicPost(resolve=resolve), f"https://portal.example:{port}/")

    assert (trouble, seen) == ("address_not_public", [])
    assert resolve.asked == [("portal.example", port)]


def test_the_connection_goes_to_the_checked_address_whatever_the_name_says_now():
    resolve = Visits(["127.0.0.1"], ["192.0.2.1"])
    with sends(OK) as (port, seen):
        status = PublicPost(loopback=True, resolve=resolve)(
            f"http://portal.example:{port}/hooks?a=b", {"X-A": "b"}, b"{}"
        )

    assert (status, len(resolve.asked), len(seen)) == (200, 1, 1)
    assert seen[0].startswith(b"POST /hooks?a=b HTTP/1.1\r\n")
    assert f"Host: portal.example:{port}\r\n".encode() in seen[0]


def test_http_is_refused_even_to_the_open_internet():
    resolve = Visits(["93.184.215.14"])

    assert trouble_of(PublicPost(resolve=resolve), "http://portal.example/") == "not_https"
    assert resolve.asked == []


def test_http_is_good_on_this_machine_for_the_demo():
    with sends(OK) as (port, seen):
        assert PublicPost(loopback=True)(f"http://127.0.0.1:{port}/hooks", {}, b"{}") == 200

    assert len(seen) == 1


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "127.0.0.2", "10.0.0.1", "::1", "::ffff:127.0.0.1"]
)
def test_the_demo_speaks_to_this_machine_alone(address):
    post = PublicPost(loopback=True, resolve=Visits([address]))

    for scheme in ("http", "https"):
        assert trouble_of(post, f"{scheme}://portal.example/") == "address_not_public"


# ---- what comes back -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 204, 301, 302, 307, 308, 404, 410, 500])
def test_a_status_is_the_answer_and_a_redirect_is_not_followed(status):
    with sends(OK) as (there, visited):
        location = f"Location: http://127.0.0.1:{there}/\r\n"
        answer = f"HTTP/1.1 {status} X\r\n{location}Content-Length: 0\r\n\r\n".encode()
        with sends(answer) as (port, _):
            assert PublicPost(loopback=True)(f"http://127.0.0.1:{port}/", {}, b"") == status

    assert visited == []


def test_nobody_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    post = PublicPost(loopback=True)
    assert trouble_of(post, f"http://127.0.0.1:{port}/") == "connection"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 2", b"SSH-2.0-x\r\n", b"HTTP/1.1 two OK\r\n\r\n"]
)
def test_what_is_no_answer_is_trouble(answer):
    with sends(answer) as (port, _):
        trouble = trouble_of(PublicPost(loopback=True), f"http://127.0.0.1:{port}/")

    assert trouble == "connection"


def test_a_header_cannot_be_split():
    with sends(OK) as (port, seen):
        post = PublicPost(loopback=True)
        trouble = trouble_of(post, f"http://127.0.0.1:{port}/", {"X-A": "b\r\nX-Evil: c"})

    assert trouble == "connection"
    assert not any(b"X-Evil" in each for each in seen)


def drip(sock, start=b"", each=b"x"):
    """Send a byte now and then, much longer than anybody waits."""
    sock.sendall(start)
    for _ in range(LEFT_S * 20):
        sock.sendall(each)
        time.sleep(0.05)


def bounded(handle):
    with server(handle) as (port, _):
        began = time.monotonic()
        trouble = trouble_of(PublicPost(loopback=True, total_s=SOON_S), f"http://127.0.0.1:{port}/")
        took = time.monotonic() - began
    assert took < LEFT_S
    return trouble


def test_a_silent_server_is_left_in_time():
    assert bounded(lambda sock, _: sock.recv(1)) == "timeout"


def test_a_dripping_server_is_left_in_time():
    assert bounded(lambda sock, _: drip(sock)) == "timeout"


def test_dripping_headers_are_left_in_time_and_are_no_answer():
    start = b"HTTP/1.1 200 OK\r\nX-A: "

    assert bounded(lambda sock, _: drip(sock, start)) == "timeout"


def test_headers_without_end_are_left_in_time():
    def flood(sock, _):
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            sock.sendall(b"X-A: b\r\n" * 1_000)

    assert bounded(flood) in {"connection", "timeout"}


def test_interim_answers_without_end_are_left_in_time():
    def go_on(sock, _):
        while True:
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert bounded(go_on) in {"connection", "timeout"}


def test_the_body_of_the_answer_is_not_read():
    sent = []

    def flood(sock, _):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            sent.append(sock.send(bytes(65_536)))

    with server(flood) as (port, _):
        began = time.monotonic()
        status = PublicPost(loopback=True)(f"http://127.0.0.1:{port}/", {}, b"")
        took = time.monotonic() - began

    assert status == 200
    assert took < LEFT_S
    assert sum(sent) < 50_000_000  # what the machine's buffers hold, and no more


# ---- certificates --------------------------------------------------------------------------

HOURS = dt.timedelta(hours=1)


class Authority:
    """An authority of our own; *issue* writes certificate and key of a name into a file."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        made = self._sign(self.name, self.key, is_authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def _sign(self, subject, key, *, is_authority, names=(), late=dt.timedelta()):
        now = dt.datetime.now(dt.UTC)  # noqa: TID251  # TLS asks the machine's clock
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * HOURS - late)
            .not_valid_after(now + HOURS - late)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
        )
        if names:
            alternative = x509.SubjectAlternativeName([x509.DNSName(each) for each in names])
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def issue(self, name, *, late=dt.timedelta()):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = self._sign(subject, key, is_authority=False, names=(name,), late=late)
        path = self.folder / f"{name}-{late.total_seconds():.0f}.pem"
        path.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return path


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


def serving(path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def post_to(authority):
    trust = ssl.create_default_context(cafile=str(authority.file))
    return PublicPost(loopback=True, resolve=Visits(["127.0.0.1"]), trust=trust, total_s=LEFT_S)


def test_a_certificate_of_the_name_lets_the_message_through(authority):
    with sends(OK, serving(authority.issue("portal.example"))) as (port, seen):
        status = post_to(authority)(f"https://portal.example:{port}/hooks", {}, b"{}")

    assert (status, len(seen)) == (200, 1)


@pytest.mark.parametrize(
    ("name", "late"),
    [("other.example", dt.timedelta()), ("portal.example", 24 * HOURS)],
    ids=["of another name", "out of date"],
)
def test_a_certificate_that_is_not_good_lets_nothing_through(authority, name, late):
    with sends(OK, serving(authority.issue(name, late=late))) as (port, seen):
        trouble = trouble_of(post_to(authority), f"https://portal.example:{port}/")

    assert (trouble, seen) == ("tls", [])


def test_a_certificate_that_nobody_signed_lets_nothing_through(authority, tmp_path):
    stranger = Authority(tmp_path)
    with sends(OK, serving(stranger.issue("portal.example"))) as (port, seen):
        trouble = trouble_of(post_to(authority), f"https://portal.example:{port}/")

    assert (trouble, seen) == ("tls", [])


def test_an_old_version_of_tls_is_refused(authority):
    context = serving(authority.issue("portal.example"))
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with sends(OK, context) as (port, seen):
        trouble = trouble_of(post_to(authority), f"https://portal.example:{port}/")

    assert (trouble, seen) == ("tls", [])


def test_a_handshake_that_drips_is_left_in_time(authority):
    trust = ssl.create_default_context(cafile=str(authority.file))
    post = PublicPost(loopback=True, resolve=Visits(["127.0.0.1"]), trust=trust, total_s=SOON_S)
    # The head of a long record of TLS, whose body comes byte by byte.
    start = b"\x16\x03\x03\x40\x00"
    with server(
        lambda sock, _: drip(sock, start, b"\x00"), read=lambda sock: sock.recv(65_536)
    ) as (port, _):
        began = time.monotonic()
        trouble = trouble_of(post, f"https://portal.example:{port}/")

    assert trouble == "timeout"
    assert time.monotonic() - began < LEFT_S


def test_the_check_of_certificates_cannot_be_switched_off():
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(ValueError, match="always verified"):
        PublicPost(trust=context)
