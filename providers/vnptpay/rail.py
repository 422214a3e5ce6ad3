"""This folder, as the registry knows it."""

from __future__ import annotations

from providers.contract import Rail
from providers.vnptpay.adapter import build
from providers.vnptpay.config import INFO
from providers.vnptpay.emulator.house import emulate
from providers.vnptpay.emulator.rehearsal import rehearse

RAIL = Rail(info=INFO, build=build, emulate=emulate, rehearse=rehearse)
