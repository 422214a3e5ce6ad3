"""Send one call to a rail: the only module of this package that opens a socket.

It answers with what came, whole, or it says which of two things happened: no byte left, so
nothing can have happened there, or the call left and what it did is unknown. It never retries.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Self
from urllib.parse import SplitResult, urlsplit

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
    context = ssl.create_default_context() if trust is None else trust
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise ValueError("certificates are always verified")

    def send(call: HttpCall) -> HttpReply:
        parts = _parts(call.url)
        connection = _connect(parts, connect_s=connect_s, context=context)
        try:
            with _Deadline(connection, total_s) as deadline:
                return _exchange(connection, call, parts, deadline.passed, reply_bytes_max)
        finally:
            connection.close()

    return send


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotSentError("not an address of http or https")
    return parts


def _connect(parts: SplitResult, *, connect_s: float, context: ssl.SSLContext) -> HTTPConnection:
    """Return a connection that is open and, with https, verified.

    Raises:
        NotSentError: no name, nobody there, too slow, or a certificate that is not trusted.
    """
    host = parts.hostname or ""
    connection: HTTPConnection
    try:
        if parts.scheme == "https":
            connection = HTTPSConnection(host, parts.port, timeout=connect_s, context=context)
        else:
            connection = HTTPConnection(host, parts.port, timeout=connect_s)
    except ValueError as error:  # a port that is no number
        raise NotSentError("not an address") from error
    connection.response_class = _WholeHead
    try:
        connection.connect()
    except _LOST as error:
        connection.close()
        raise NotSentError(f"no connection to {host}: {type(error).__name__}") from error
    return connection


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


@dataclass(slots=True)
class _Deadline:
    """Cuts a connection when its time is over, however lively it drips."""

    connection: HTTPConnection
    seconds: float
    passed: threading.Event = field(default_factory=threading.Event)
    timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        sock = self.connection.sock
        if sock is None:
            raise NotSentError("the connection is gone")
        sock.settimeout(self.seconds)
        self.timer = threading.Timer(self.seconds, self._cut, (sock,))
        self.timer.daemon = True
        self.timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer.join()  # else it could cut a connection that took over the descriptor

    def _cut(self, sock: socket.socket) -> None:
        self.passed.set()
        try:
            # Of the plain class: that of an SSLSocket drops its TLS state under the reader's feet.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster


def _exchange(
    connection: HTTPConnection,
    call: HttpCall,
    parts: SplitResult,
    too_late: threading.Event,
    reply_bytes_max: int,
) -> HttpReply:
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    headers = {"Accept-Encoding": "identity", "User-Agent": "paygate", **call.headers}
    _refuse_split_headers(call.method, target, headers)
    try:
        connection.request(call.method, target, body=call.body, headers=headers)
        response = connection.getresponse()
        with response:
            body = _read(response, reply_bytes_max)
    except _LOST as error:
        raise SilentError(f"no whole answer: {type(error).__name__}") from error
    # A connection that we cut can look like an answer that ended.
    if too_late.is_set():
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
