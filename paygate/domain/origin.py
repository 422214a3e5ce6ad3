"""Web origins: where a citizen may be led back to."""

from __future__ import annotations

from urllib.parse import urlsplit

URL_LENGTH_MAX = 2_000


def origin_of(url: str) -> str | None:
    """Return scheme, host and port of *url* as browsers understand it, or None.

    Whatever browsers and we might read in two ways is no address for us: blanks, backslashes,
    control characters, names beyond ASCII, user names, other schemes (TRUST S17).
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
    if not host or "@" in parts.netloc or "%" in parts.netloc or host.strip(".") != host:
        return None
    if ":" in host:  # IPv6: without brackets its groups could pass for a port
        host = f"[{host}]"
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in {None, usual} else f":{port}")
