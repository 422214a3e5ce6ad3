"""Complete and check the settings of an account by what its rail declares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from providers.contract import Setting, Values

_HOST = re.compile(r"[a-z0-9.-]+(?::[0-9]{1,5})?")
_NUMBER = re.compile(r"[0-9]{1,9}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def complete(settings: Iterable[Setting], values: Values) -> Values:
    """Return *values* with the defaults filled in.

    Raises:
        ValueError: names the setting that is missing, unknown or none of its choices.
    """
    declared = {setting.name: setting for setting in settings}
    for name in values:
        if name not in declared:
            raise ValueError(f"{name}: this rail has no such setting")
    return {name: _given(setting, values.get(name, ())) for name, setting in declared.items()}


def https_url(name: str, text: str) -> str:
    """Return *text* without a slash at its end; http is good only on this machine.

    Raises:
        ValueError: names the setting.
    """
    parts = urlsplit(text)
    host = parts.netloc
    if not _HOST.fullmatch(host) or parts.query or parts.fragment or not text.isascii():
        raise ValueError(f"{name}: must be an address such as https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError(f"{name}: must be https")
    return text.rstrip("/")


def host_names(name: str, listed: Iterable[str]) -> frozenset[str]:
    """Return the hosts of a list that may also be one text with commas.

    Raises:
        ValueError: names the setting.
    """
    hosts = frozenset(items(listed))
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError(f"{name}: must be hosts such as pay.example or pay.example:8443")
    return hosts


def whole_number(name: str, text: str, *, least: int, most: int) -> int:
    """Return the number between *least* and *most*.

    Raises:
        ValueError: names the setting.
    """
    if not (_NUMBER.fullmatch(text) and least <= int(text) <= most):
        raise ValueError(f"{name}: must be a whole number from {least} to {most}")
    return int(text)


def items(listed: Iterable[str]) -> list[str]:
    """Return the items of a list whose members may hold several, parted by commas."""
    parts = (part.strip() for text in listed for part in text.split(","))
    return [part for part in parts if part]


def _given(setting: Setting, listed: tuple[str, ...]) -> tuple[str, ...]:
    given = tuple(text for text in listed if text)
    if not given and setting.default is not None:
        return (setting.default,) if setting.default else ()
    if not given:
        raise ValueError(f"{setting.name}: must be given")
    for text in given:
        if setting.choices and text not in setting.choices:
            raise ValueError(f"{setting.name}: must be one of {', '.join(setting.choices)}")
    return given
