"""Who works at the desk: seven roles, where each of them holds, and what a password must be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NewType

from paygate.domain.errors import ValueRefusedError
from paygate.domain.party import EMAIL_MAX, norm_name
from paygate.domain.text import clean_text

StaffId = NewType("StaffId", str)

ENROLMENT_LIFE = timedelta(hours=24)
DESK_IDLE = timedelta(minutes=15)  # TRUST S60
DESK_LIFE = timedelta(hours=8)  # TRUST S60
CLI_LIFE = timedelta(minutes=15)  # DESIGN 5.5
STEP_UP_LIFE = timedelta(minutes=5)  # TRUST S58
PASSWORD_MIN = 12
PASSWORD_MAX = 128  # characters; at least 64 must be permitted (ASVS 6.2.9)
_KEPT_MIN = 8  # characters that are left of a good password without its common words
_DIFFERENT_MIN = 5
_WORD_MIN = 4
# ASCII alone: a second person whose address looks like a colleague's would be one of straw.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class Role(StrEnum):
    """What somebody may do (DOMAIN 12); a person may hold several."""

    ADMIN = "admin"  # staff and settings; no financial act
    MAKER = "maker"
    CHECKER = "checker"
    RECONCILER = "reconciler"
    CASHIER = "cashier"
    VIEWER = "viewer"
    AUDITOR = "auditor"  # reads all, changes nothing


class StaffState(StrEnum):
    """The life of a staff member's login."""

    INVITED = "invited"  # no password yet
    ACTIVE = "active"
    DISABLED = "disabled"


class GrantState(StrEnum):
    """Whether a grant, or a new login, has effect."""

    PROPOSED = "proposed"  # waits for a second person
    ACTIVE = "active"


class SessionKind(StrEnum):
    """Where somebody is logged in."""

    DESK = "desk"
    CLI = "cli"


# Whoever only reads decides nothing, so one person may let him in; an admin could let in a
# second admin of straw, so he is among those that a second person approves (DESIGN 2.16).
READ_ONLY = frozenset({Role.VIEWER, Role.AUDITOR})
WHOLE_HOUSE = frozenset({Role.ADMIN, Role.AUDITOR})  # may be granted without an agency


@dataclass(frozen=True, slots=True)
class Scope:
    """The agencies whose subtrees somebody sees; `everything` where there is no limit."""

    agencies: frozenset[str] = frozenset()
    everything: bool = False

    def covers(self, lineage: Iterable[str]) -> bool:
        """Return whether an agency is in it; *lineage* is the agency and all above it."""
        return self.everything or not self.agencies.isdisjoint(lineage)


def needs_second_person(role: Role) -> bool:
    """Return whether a grant of *role* waits for a second person."""
    return role not in READ_ONLY


def read_email(text: str) -> str:
    """Return an address as it is kept and compared: in lower case.

    Raises:
        ValueRefusedError: `email_empty`, `_too_long`, `_control_character` or `_malformed`.
    """
    email = clean_text("email", text, EMAIL_MAX).lower()
    if not _EMAIL.fullmatch(email):
        raise ValueRefusedError("email_malformed")
    return email


def normal_password(text: str) -> str:
    """Return *text* as it is hashed: NFC, so that every keyboard types the same password."""
    return unicodedata.normalize("NFC", text)


def check_password(text: str, about: Iterable[str]) -> None:
    """Refuse a password that others would try; *about* are words that belong to its owner.

    NIST SP 800-63B-4 asks for 15 characters where the password stands alone and for 8 beside a
    second factor. We always have the second factor, yet whoever steals the database tries
    passwords without it: so 12. No mix of kinds of characters is asked for, and no change with
    time. Common words count for nothing: enough must be left without them.

    Raises:
        ValueRefusedError: `password_too_short`, `password_too_long` or `password_common`.
    """
    password = normal_password(text)
    if len(password) > PASSWORD_MAX:
        raise ValueRefusedError("password_too_long")
    if len(password) < PASSWORD_MIN:
        raise ValueRefusedError("password_too_short")
    folded = password.casefold()
    left = folded
    for word in (*_words_of(about), *common_words()):
        left = left.replace(word, "")
    if len(left) < min(_KEPT_MIN, len(folded)) or len(set(folded)) < _DIFFERENT_MIN:
        raise ValueRefusedError("password_common")


@cache
def common_words() -> tuple[str, ...]:
    """Return the words and rows of keys that passwords are made of most, the longest first."""
    text = files("paygate.domain").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    words = {line.strip() for line in text.splitlines() if line and not line.startswith("#")}
    return tuple(sorted(words, key=lambda each: (-len(each), each)))


def _words_of(about: Iterable[str]) -> tuple[str, ...]:
    """Return what *about* consists of, with and without accents."""
    found: set[str] = set()
    for text in about:
        for form in (text, norm_name(text)):
            parts = re.split(r"[\W_]+", unicodedata.normalize("NFC", form).casefold())
            found.update(each for each in parts if len(each) >= _WORD_MIN)
    return tuple(sorted(found, key=lambda each: (-len(each), each)))
