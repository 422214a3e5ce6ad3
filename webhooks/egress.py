"""Send one message to a portal's address, and to no other (TRUST S14-S16).

The name is resolved here, every address of it must be public, and the connection goes to an
address that was checked: a name that changes its answer afterwards changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from paygate.deadline import Deadline, verifying
from paygate.domain.origin import origin_of

CONNECT_S = 3.0  # to each address of a name
TOTAL_S = 20.0  # from the handshake to the status; Standard Webhooks asks for 15 to 30
ADDRESSES_MAX = 3  # how many of a name are tried
PROXY_HEAD_BYTES_MAX = 8_192
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out as global
_NOT_PUBLIC = (
    ipaddress.IPv6Network("3fff::/20"),  # RFC 9637, documentation
    ipaddress.IPv4Network("192.88.99.0/24"),  # RFC 7526: relays of 6to4, withdrawn
)
Resolve = Callable[[str, int], list[str]]
"""Returns the addresses of a name; OSError where it has none."""


class NotDeliveredError(OSError):
    """No answer came; *trouble* is one word for the reason, fit for logs."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class Post(Protocol):
    """Posts a body to an address and returns the status of the answer."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Return the HTTP status.

        Raises:
            NotDeliveredError: no answer, or no address that we may speak to.
        """
        ...


def system_addresses(host: str, port: int) -> list[str]:
    """Return what the machine's resolver says, numbers in every spelling included."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class PublicPost:
    """Speaks https to public addresses only; *loopback* allows 127.0.0.1 by http, for the demo.

    With a *proxy* (`host:port`) every connection goes through it, to the address checked here.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        resolve: Resolve = system_addresses,
        trust: ssl.SSLContext | None = None,
        total_s: float = TOTAL_S,
        proxy: str | None = None,
    ) -> None:
        self._trust = verifying() if trust is None else trust
        if self._trust.verify_mode is not ssl.CERT_REQUIRED or not self._trust.check_hostname:
            raise ValueError("certificates are always verified")
        self._loopback = loopback
        self._resolve = resolve
        self._total_s = total_s
        self._proxy = proxy

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        if origin_of(url) is None:
            raise NotDeliveredError("address_malformed")
        parts = urlsplit(url)
        is_https = parts.scheme == "https"
        if not is_https and not self._loopback:
            raise NotDeliveredError("not_https")
        host, port = parts.hostname or "", parts.port or (443 if is_https else 80)
        addresses = self._addresses(host, port)
        sock = _connect(addresses, port) if self._proxy is None else _connect_to(self._proxy)
        with Deadline(sock, self._total_s) as deadline:
            try:
                if self._proxy is not None:
                    _tunnel(deadline.sock, addresses[0], port)
                if is_https:
                    deadline.secure(self._trust, host)
                status = _exchange(deadline.sock, parts, headers, body)
            except NotDeliveredError:
                raise
            except (OSError, HTTPException, ValueError) as error:
                if deadline.passed.is_set() or isinstance(error, TimeoutError):
                    raise NotDeliveredError("timeout") from error
                is_tls = isinstance(error, ssl.SSLError)
                raise NotDeliveredError("tls" if is_tls else "connection") from error
            if deadline.passed.is_set():  # half a head can look like a whole one
                raise NotDeliveredError("timeout")
        return status

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of *host*, once every one of them is allowed."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise NotDeliveredError("name") from error
        if not addresses or not all(self._may_speak_to(each) for each in addresses):
            raise NotDeliveredError("address_not_public")
        return addresses[:ADDRESSES_MAX]

    def _may_speak_to(self, address: str) -> bool:
        if self._loopback:
            return address == "127.0.0.1"
        return is_public(address)


def is_public(address: str) -> bool:
    """Return whether *address* belongs to the open internet, whatever it is wrapped in."""
    if "%" in address:  # a zone of this machine's own links
        return False
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    listed = any(ip.version == each.version and ip in each for each in _NOT_PUBLIC)
    return ip.is_global and not ip.is_multicast and not listed


def _connect(addresses: list[str], port: int) -> socket.socket:
    """Return a connection to the first of *addresses* where somebody listens."""
    trouble = NotDeliveredError("connection")
    for address in addresses:
        try:
            return socket.create_connection((address, port), CONNECT_S)
        except TimeoutError as error:
            trouble = NotDeliveredError("timeout")
            trouble.__cause__ = error
        except OSError as error:
            trouble.__cause__ = error
    raise trouble


def _connect_to(proxy: str) -> socket.socket:
    host, _, port = proxy.rpartition(":")
    try:
        return socket.create_connection((host, int(port)), CONNECT_S)
    except OSError as error:
        raise NotDeliveredError("proxy") from error


def _tunnel(sock: socket.socket, address: str, port: int) -> None:
    """Have the proxy connect to the address that was checked, and not to a name that may change.

    Raises:
        NotDeliveredError: the proxy does not want to.
    """
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    sock.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        # Byte by byte: what follows the head belongs to the other side's TLS.
        byte = sock.recv(1)
        if not byte or len(head) > PROXY_HEAD_BYTES_MAX:
            raise NotDeliveredError("proxy")
        head += byte
    if head.split(b" ", 2)[1:2] != [b"200"]:
        raise NotDeliveredError("proxy")


def _exchange(
    sock: socket.socket, parts: SplitResult, headers: Mapping[str, str], body: bytes
) -> int:
    """Return the status; the body of the answer says nothing to us, and is not read."""
    connection = HTTPConnection(parts.hostname or "")
    connection.sock = sock
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Accept-Encoding": "identity", "Connection": "close", **headers, "Host": parts.netloc}
    connection.request("POST", target, body=body, headers=sent)
    return connection.getresponse().status
