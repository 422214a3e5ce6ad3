"""Web origins: where a citizen may be led back to."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

URL_LENGTH_MAX = 2_000
# Labels of letters, digits and hyphens (RFC 1123); underscores, because machines have them.
_NAME = re.compile(r"(?!.{254})(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}")
# A browser reads a name whose last label is a number as an IPv4 address (URL Standard, 3.5).
_NUMBER_LAST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


def origin_of(url: str) -> str | None:
    """Return scheme, host and port of *url* as browsers understand it, or None.

    Whatever browsers and we might read in two ways is no address for us: blanks, backslashes,
    control characters, names beyond ASCII, user names, other schemes, numbers written otherwise
    than an address is (TRUST S17).
    """
    plain = url.isascii() and url.isprintable() and not set(url) & set(' \\"<>^`{|}')
    if not plain or len(url) > URL_LENGTH_MAX:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname
    if parts.scheme not in {"https", "http"} or not url.startswith(f"{parts.scheme}://"):
        return None
    bracketed = "[" in parts.netloc
    if not host or "@" in parts.netloc or "%" in parts.netloc:
        return None
    if not _is_host(host, bracketed=bracketed):
        return None
    if bracketed:  # without them the groups of IPv6 could pass for a port
        host = f"[{host}]"
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in {None, usual} else f":{port}")


def _is_host(host: str, *, bracketed: bool) -> bool:
    try:
        if bracketed:
            return IPv6Address(host).compressed == host
        if _NUMBER_LAST.fullmatch(host):
            return str(IPv4Address(host)) == host
    except ValueError:
        return False
    return _NAME.fullmatch(host) is not None
