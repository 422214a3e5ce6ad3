"""Send one message to a portal's address, and to no other (TRUST S14-S16).

The name is resolved here, every address of it must be public, and the connection goes to an
address that was checked: a name that changes its answer afterwards changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

import certifi
import urllib3

CONNECT_S_MAX = 5
READ_S_MAX = 15
SILENT = urllib3.Retry(total=False, redirect=False, raise_on_redirect=False)


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


class PublicPost:
    """Speaks https to public addresses only; *loopback* allows 127.0.0.1 by http, for the demo."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        parts = urlsplit(url)
        host, is_https = parts.hostname or "", parts.scheme == "https"
        if not is_https and not (self._loopback and parts.scheme == "http"):
            raise NotDeliveredError("not_https")
        port = parts.port or (443 if is_https else 80)
        address = self._address(host, port)
        pool = _pool(address, port, host=host, is_https=is_https)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {**headers, "Host": parts.netloc.rpartition("@")[2]}
        try:
            # The body of the answer says nothing to us, and is not read.
            reply = pool.urlopen(
                "POST", target, body=body, headers=sent, redirect=False, preload_content=False
            )
            reply.release_conn()
        except urllib3.exceptions.TimeoutError as error:
            raise NotDeliveredError("timeout") from error
        except urllib3.exceptions.SSLError as error:
            raise NotDeliveredError("tls") from error
        except urllib3.exceptions.HTTPError as error:
            raise NotDeliveredError("connection") from error
        finally:
            pool.close()
        return reply.status

    def _address(self, host: str, port: int) -> str:
        """Return an address of *host*, once every one of them is allowed."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NotDeliveredError("name") from error
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(self._may_speak_to(each) for each in addresses):
            raise NotDeliveredError("address_not_public")
        return addresses[0]

    def _may_speak_to(self, address: str) -> bool:
        ip = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        if self._loopback:
            return address == "127.0.0.1"
        return ip.is_global and not ip.is_multicast


def _pool(address: str, port: int, *, host: str, is_https: bool) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=CONNECT_S_MAX, read=READ_S_MAX)
    if not is_https:
        return urllib3.HTTPConnectionPool(address, port, timeout=timeout, retries=SILENT)
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        timeout=timeout,
        retries=SILENT,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )
