"""Send one call to a rail: the only module of this package that opens a socket.

It answers with what came, whole, or it says which of two things happened: no byte left, so
nothing can have happened there, or the call left and what it did is unknown. It never retries.
"""

from __future__ import annotations

import io
import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from urllib.parse import SplitResult, urlsplit

from paygate.deadline import Deadline, verifying
from providers.contract import HttpCall, HttpReply, NotSentError, Send, SilentError

CONNECT_S = 3.0
TOTAL_S = 10.0
REPLY_BYTES_MAX = 1 << 20  # a thousand times what a rail answers
CHUNK_BYTES = 1 << 16
_LOST = (OSError, HTTPException, ValueError)  # ValueError: a length that is no number


def make_send(
    *,
    total_s: float = TOTAL_S,
    connect_s: float = CONNECT_S,
    reply_bytes_max: int = REPLY_BYTES_MAX,
    trust: ssl.SSLContext | None = None,
) -> Send:
    """Return a way to send that keeps these limits, and trusts the system's authorities.

    Certificates are verified always: *trust* may name other authorities, and nothing turns it off.
    """
    context = verifying() if trust is None else trust
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("certificates are always verified")

    def send(call: HttpCall) -> HttpReply:
        parts = _parts(call.url)
        with Deadline(_connect(parts, connect_s), total_s) as deadline:
            if parts.scheme == "https":
                _secure(deadline, context, parts)
            return _exchange(deadline, call, parts, reply_bytes_max)

    return send


def reach(
    url: str,
    *,
    total_s: float = TOTAL_S,
    connect_s: float = CONNECT_S,
    trust: ssl.SSLContext | None = None,
) -> None:
    """Connect to the host of *url*, speak TLS with it where it says https, and hang up.

    Raises:
        NotSentError: it cannot be reached; the text says how far we came.
    """
    parts = _parts(url)
    with Deadline(_connect(parts, connect_s), total_s) as deadline:
        if parts.scheme == "https":
            _secure(deadline, verifying() if trust is None else trust, parts)


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotSentError("not an address of http or https")
    return parts


def _connect(parts: SplitResult, connect_s: float) -> socket.socket:
    """Return a connection.

    Raises:
        NotSentError: no address, no name, nobody there, or too slow.
    """
    usual = 443 if parts.scheme == "https" else 80
    try:
        return socket.create_connection((parts.hostname or "", parts.port or usual), connect_s)
    except (OSError, ValueError) as error:  # ValueError: a port or a name that is none
        text = f"no connection to {parts.hostname}: {type(error).__name__}"
        raise NotSentError(text) from error


def _secure(deadline: Deadline, context: ssl.SSLContext, parts: SplitResult) -> None:
    try:
        deadline.secure(context, parts.hostname or "")
    except OSError as error:
        raise NotSentError(f"no TLS with {parts.hostname}: {type(error).__name__}") from error


class _Lines(io.BufferedReader):
    """Remembers its last line."""

    last = b""

    def readline(self, size: int | None = -1, /) -> bytes:
        self.last = super().readline(size)
        return self.last


class _WholeHead(HTTPResponse):
    """An answer whose head ended with an empty line; the library takes half a head for whole."""

    def begin(self) -> None:
        lines = _Lines(self.fp.detach())
        self.fp = lines
        super().begin()
        if not lines.last or self.msg.defects:
            raise IncompleteRead(b"")


def _exchange(
    deadline: Deadline, call: HttpCall, parts: SplitResult, reply_bytes_max: int
) -> HttpReply:
    connection = HTTPConnection(parts.hostname or "")
    connection.response_class = _WholeHead
    connection.sock = deadline.sock
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    headers = {
        "Accept-Encoding": "identity",
        "User-Agent": "paygate",
        "Host": parts.netloc,
        **call.headers,
    }
    _refuse_split_headers(call.method, target, headers)
    try:
        connection.request(call.method, target, body=call.body, headers=headers)
        response = connection.getresponse()
        with response:
            body = _read(response, reply_bytes_max)
    except _LOST as error:
        raise SilentError(f"no whole answer: {type(error).__name__}") from error
    # A connection that we cut can look like an answer that ended.
    if deadline.passed.is_set():
        raise SilentError("no whole answer in time")
    return HttpReply(response.status, dict(response.getheaders()), body)


def _read(response: HTTPResponse, bytes_max: int) -> bytes:
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        body += chunk
        if len(body) > bytes_max:
            raise OSError("an answer too long to be one")
    if response.length:  # promised and not sent; the library tells only who reads all at once
        raise IncompleteRead(bytes(body), response.length)
    return bytes(body)


def _refuse_split_headers(method: str, target: str, headers: dict[str, str]) -> None:
    """Refuse, before a byte is sent, what the library would refuse halfway."""
    for text in (method, target, *headers, *headers.values()):
        if not text.isascii() or not text.isprintable():
            raise NotSentError("a header or an address that cannot be sent")
