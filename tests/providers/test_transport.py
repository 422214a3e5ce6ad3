"""The one sender, against real servers on this machine."""

import datetime as dt
import socket
import ssl
import struct
import threading
import time
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from providers.contract import HttpCall, NotSentError, SilentError
from providers.transport import REPLY_BYTES_MAX, make_send, reach

pytestmark = [pytest.mark.loopback, pytest.mark.allow_hosts(["127.0.0.1", "localhost"])]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nhi"
SOON_S = 0.3
LEFT_S = 3  # far more than SOON_S, and less than any server here would wait


@contextmanager
def server(handle, context=None):
    """Serve each connection with *handle(sock, request)*, and end with the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    seen, closing = [], threading.Event()

    def serve_one(sock):
        with sock:
            sock.settimeout(5)
            try:
                speaking = context.wrap_socket(sock, server_side=True) if context else sock
                with speaking:
                    request = request_of(speaking)
                    seen.append(request)
                    handle(speaking, request)
            except OSError:
                return

    def serve():
        while not closing.is_set():
            try:
                sock, _ = listener.accept()
            except TimeoutError:
                continue
            serve_one(sock)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        closing.set()
        thread.join()
        listener.close()


def request_of(sock):
    request = b""
    while b"\r\n\r\n" not in request:
        part = sock.recv(65_536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"ength:" in line), 0
    )
    while len(body) < length:
        body += sock.recv(65_536)
    return head + b"\r\n\r\n" + body


def a_call(port, *, scheme="http", body=b"{}", path="/x?y=z"):
    return HttpCall(
        "POST", f"{scheme}://127.0.0.1:{port}{path}", {"Content-Type": "application/json"}, body
    )


def sends(answer):
    return server(lambda sock, _: sock.sendall(answer))


def test_a_call_goes_out_whole_and_comes_back_whole():
    with sends(OK) as (port, seen):
        reply = make_send()(a_call(port, body="lệ phí".encode()))

    assert (reply.status, reply.headers["X-A"], reply.body) == (200, "b", b"hi")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?y=z HTTP/1.1\r\n")
    assert body == "lệ phí".encode()


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_status_of_trouble_is_an_answer(status):
    with sends(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nhi".encode()) as (port, _):
        reply = make_send()(a_call(port))

    assert (reply.status, reply.body) == (status, b"hi")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(status):
    with sends(OK) as (there, visited):
        answer = (
            f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{there}/\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        with sends(answer.encode()) as (port, _):
            reply = make_send()(a_call(port))

    assert (reply.status, visited) == (status, [])


def test_nobody_there_means_that_nothing_was_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NotSentError):
        make_send()(a_call(port))


@pytest.mark.parametrize(
    "url",
    ["ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://127.0.0.1:x/", "//127.0.0.1/"],
)
def test_what_is_no_address_is_not_sent(url):
    with pytest.raises(NotSentError):
        make_send()(HttpCall("POST", url, {}, b""))


@pytest.mark.parametrize("header", ["a\r\nb: c", "é", "a\x00"])
def test_a_header_that_would_split_is_not_sent(header):
    with sends(OK) as (port, seen):
        call = HttpCall("POST", f"http://127.0.0.1:{port}/", {"X": header}, b"")
        with pytest.raises(NotSentError):
            make_send()(call)

    assert seen in ([], [b""])


def until_left(sock, _request):
    sock.recv(1)


def reset(sock, _request):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "handle",
    [
        lambda _sock, _request: None,
        reset,
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nX: y"),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n"),
        lambda sock, _: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        lambda sock, _: sock.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhalf"
        ),
        lambda sock, _: sock.sendall(b"this is no HTTP\r\n\r\n"),
    ],
    ids=[
        "hangs up",
        "resets",
        "half a name",
        "no empty line",
        "half a value",
        "bad head",
        "half a body",
        "half a chunk",
        "nonsense",
    ],
)
def test_a_call_without_a_whole_answer_is_unknown_and_sent_once(handle):
    with server(handle) as (port, seen):
        with pytest.raises(SilentError):
            make_send()(a_call(port))
        time.sleep(0.1)  # a retry would arrive now

    assert len(seen) == 1


def test_a_silent_server_is_left_in_time():
    with server(until_left) as (port, _):
        began = time.monotonic()
        with pytest.raises(SilentError):
            make_send(total_s=SOON_S)(a_call(port))

        assert time.monotonic() - began < LEFT_S


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ],
    ids=["head", "body", "body without length"],
)
def test_a_server_that_drips_is_left_in_time(head):
    def drip(sock, _request):
        sock.sendall(head)
        for _ in range(200):
            sock.sendall(b"x")
            time.sleep(0.03)

    with server(drip) as (port, _):
        began = time.monotonic()
        with pytest.raises(SilentError):
            make_send(total_s=SOON_S)(a_call(port))

        assert time.monotonic() - began < LEFT_S


def test_the_largest_answer_is_read_and_one_byte_more_is_not():
    for size, whole in ((REPLY_BYTES_MAX, True), (REPLY_BYTES_MAX + 1, False)):
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + b"x" * size
        with sends(answer) as (port, _):
            if whole:
                assert len(make_send()(a_call(port)).body) == size
            else:
                with pytest.raises(SilentError):
                    make_send()(a_call(port))


def test_an_endless_answer_is_left():
    def flood(sock, _request):
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(b"x" * 65_536)

    with server(flood) as (port, _), pytest.raises(SilentError):
        make_send()(a_call(port))


# ---- certificates ---------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return a file with a certificate for localhost that no authority knows, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@contextmanager
def secure_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with server(lambda sock, _: sock.sendall(OK), context) as running:
        yield running


def test_a_certificate_that_nobody_signed_means_that_nothing_was_sent(certificate):
    with secure_server(certificate) as (port, seen):
        with pytest.raises(NotSentError):
            make_send()(HttpCall("POST", f"https://localhost:{port}/", {}, b"secret"))

        assert seen == []


def test_a_certificate_of_another_name_means_that_nothing_was_sent(certificate):
    trust = ssl.create_default_context(cafile=str(certificate))
    with secure_server(certificate) as (port, seen):
        with pytest.raises(NotSentError):
            make_send(trust=trust)(a_call(port, scheme="https"))

        assert seen == []


def test_a_trusted_certificate_lets_the_call_through(certificate):
    trust = ssl.create_default_context(cafile=str(certificate))
    with secure_server(certificate) as (port, _):
        reply = make_send(trust=trust)(HttpCall("GET", f"https://localhost:{port}/", {}, b""))

    assert reply.body == b"hi"


def test_a_server_that_does_not_speak_tls_means_that_nothing_was_sent():
    with sends(b"HTTP/1.1 400 Bad\r\n\r\n") as (port, _), pytest.raises(NotSentError):
        make_send(connect_s=SOON_S)(a_call(port, scheme="https"))


def test_a_handshake_that_never_ends_is_left_in_time():
    with server(until_left) as (port, _):
        began = time.monotonic()
        with pytest.raises(NotSentError):
            make_send(total_s=SOON_S)(a_call(port, scheme="https"))

        assert time.monotonic() - began < LEFT_S


def test_a_handshake_that_drips_is_left_in_time():
    def drip(sock, _request):
        sock.sendall(b"\x16\x03\x03\x3f\xff")  # the head of a record that takes its time
        while True:
            sock.sendall(b"\x00")
            time.sleep(0.05)

    with server(drip) as (port, _):
        began = time.monotonic()
        with pytest.raises(NotSentError):
            make_send(total_s=SOON_S)(a_call(port, scheme="https"))

        assert time.monotonic() - began < LEFT_S


def test_the_check_of_certificates_cannot_be_switched_off():
    blind = ssl.create_default_context()
    blind.check_hostname = False
    with pytest.raises(ValueError, match="always"):
        make_send(trust=blind)
    blind.verify_mode = ssl.CERT_NONE
    with pytest.raises(ValueError, match="always"):
        make_send(trust=blind)


# ---- reaching -------------------------------------------------------------------------------
def test_a_rail_is_reached_when_its_certificate_holds_and_nothing_is_sent(certificate):
    trust = ssl.create_default_context(cafile=str(certificate))
    with secure_server(certificate) as (port, seen):
        reach(f"https://localhost:{port}/", trust=trust)

    assert seen == [b""]


@pytest.mark.parametrize("scheme", ["https", "ftp", ""])
def test_a_rail_whose_certificate_does_not_hold_is_not_reached(certificate, scheme):
    with secure_server(certificate) as (port, seen):
        with pytest.raises(NotSentError):
            reach(f"{scheme}://localhost:{port}/")

        assert seen == []
