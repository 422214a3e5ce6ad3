"""This folder, as the registry knows it."""

from __future__ import annotations

from providers.contract import Rail
from providers.vnpay.adapter import build
from providers.vnpay.config import INFO
from providers.vnpay.emulator.house import emulate
from providers.vnpay.emulator.rehearsal import rehearse

RAIL = Rail(info=INFO, build=build, emulate=emulate, rehearse=rehearse)
