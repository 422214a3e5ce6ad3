"""Hash and compare staff passwords: argon2id (RFC 9106), a few at a time."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from paygate.domain.staff import PASSWORD_MAX, normal_password

AT_ONCE_MAX = 4  # each takes 64 MiB
_SEATS = threading.BoundedSemaphore(AT_ONCE_MAX)


def hash_password(password: str, *, quick: bool) -> str:
    """Return what is kept of *password*; *quick* is for tests and the demo."""
    with _SEATS:
        return _hasher(quick=quick).hash(normal_password(password))


def is_password(kept: str | None, password: str, *, quick: bool) -> bool:
    """Return whether *kept* was made of *password*; where nothing is kept it takes as long."""
    with _SEATS:
        try:
            _hasher(quick=quick).verify(
                kept or _nobodys(quick=quick), normal_password(password[: PASSWORD_MAX + 1])
            )
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


def is_outdated(kept: str, *, quick: bool) -> bool:
    """Return whether *kept* was made with other parameters than today's."""
    return _hasher(quick=quick).check_needs_rehash(kept)


@cache
def _hasher(*, quick: bool) -> PasswordHasher:
    # The library's defaults are the low-memory profile of RFC 9106, section 4.
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if quick else PasswordHasher()


@cache
def _nobodys(*, quick: bool) -> str:
    return _hasher(quick=quick).hash("nobody has this password")
