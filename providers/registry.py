"""Every rail that is built in; the only module that names one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from providers.contract import Emulator, EmulatorPlace, Provider, Rail, Values
from providers.values import complete
from providers.vnpay.rail import RAIL as VNPAY
from providers.vnptpay.rail import RAIL as VNPTPAY

RAILS: Mapping[str, Rail] = MappingProxyType({rail.info.code: rail for rail in (VNPAY, VNPTPAY)})


def find(code: str) -> Rail:
    """Return the rail of that *code*.

    Raises:
        ValueError: there is none; the text names those that are.
    """
    try:
        return RAILS[code]
    except KeyError:
        raise ValueError(f"rail: must be one of {', '.join(sorted(RAILS))}") from None


def build(code: str, values: Values) -> Provider:
    """Return the rail at work for one account; ValueError names the setting that is wrong."""
    return find(code).build(values)


def emulate(code: str, values: Values, place: EmulatorPlace) -> Emulator:
    """Return the rail's own side for one account; ValueError names the setting that is wrong."""
    return find(code).emulate(values, place)


def timeout_s(code: str, values: Values) -> float:
    """Return how long an account waits for its rail's answer; ValueError as in `build`."""
    return float(complete(find(code).info.settings, values)["timeout_s"][0])
