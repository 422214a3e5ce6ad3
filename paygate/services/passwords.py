"""Hash and compare staff passwords: argon2id (RFC 9106), a few at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from paygate.domain.staff import PASSWORD_MAX, normal_password

AT_ONCE_MAX = 4  # each takes 64 MiB
WAITING_MAX = 2  # of a process' eight threads two are left for rails and citizens
RAW_MAX = 4 * (PASSWORD_MAX + 1)  # keyboards that type accents apart send up to three for one
_SEATS = threading.BoundedSemaphore(AT_ONCE_MAX)
_DOOR = threading.BoundedSemaphore(AT_ONCE_MAX + WAITING_MAX)


class CrowdedError(Exception):
    """So many passwords are being compared that no more threads may wait for it."""


def hash_password(password: str, *, quick: bool) -> str:
    """Return what is kept of *password*; *quick* is for tests and the demo."""
    with _SEATS:
        return _hasher(quick=quick).hash(normal_password(password))


def is_password(kept: str | None, password: str, *, quick: bool) -> bool:
    """Return whether *kept* was made of *password*; where nothing is kept it takes as long.

    Raises:
        CrowdedError: others are being looked at, and enough wait.
    """
    typed = normal_password(password[:RAW_MAX])
    with _place(), _SEATS:
        try:
            _hasher(quick=quick).verify(kept or _nobodys(quick=quick), typed)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str, *, quick: bool) -> bool:
    """Return whether *kept* was made with other parameters than today's."""
    return _hasher(quick=quick).check_needs_rehash(kept)


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the places at the door, or refuse to wait for one."""
    if not _DOOR.acquire(blocking=False):
        raise CrowdedError
    try:
        yield
    finally:
        _DOOR.release()


@cache
def _hasher(*, quick: bool) -> PasswordHasher:
    # The library's defaults are the low-memory profile of RFC 9106, section 4.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if quick else PasswordHasher()


@cache
def _nobodys(*, quick: bool) -> str:
    return _hasher(quick=quick).hash("nobody has this password")
