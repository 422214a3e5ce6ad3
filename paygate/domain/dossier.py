"""Dossier codes: two grammars side by side, old (TT 01/2018) and new (QĐ 20/2020); DOMAIN 3.

A code names a dossier and its receiving agency. It never tells whose the money is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from paygate.domain.errors import ValueRefusedError

FIRST_DAY = date(2018, 1, 1)  # before it no portal gave such codes
AHEAD = timedelta(days=1)  # a portal's clock may run ahead of ours
TYPED_MAX = 200  # characters that we look at: the longest code has 33

_OLD = re.compile(
    r"[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.(?P<m>[A-Z][0-9]{2})-(?P<d>[0-9]{6})-(?P<s>[0-9]{4,6})"
)
_NEW = re.compile(r"(?P<m>[A-Z][0-9]{2})(?:\.[0-9A-Z]{2,3}){0,4}-(?P<d>[0-9]{6})-(?P<s>[0-9]{4,6})")
_CENTURY = 2000
_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"
_TYPOGRAPHY = str.maketrans({"\u2013": "-", "\u2014": "-", "\u00a0": " "})  # en dash, em dash, NBSP
# str.upper() would make a plain S of a long s, and a plain I of a dotless one.
_ASCII_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class DossierCode:
    """The well-formed code of a dossier, with a reception date that exists."""

    text: str

    def __post_init__(self) -> None:
        _received(_parts(self.text))

    @classmethod
    def parse(cls, text: str, today: date) -> DossierCode:
        """Read a code as people and portals write it; *today* is the day in Viet Nam.

        Raises:
            ValueRefusedError: `dossier_code_malformed`, `_inner_space`, `_lookalike`, `_date`,
                `_too_old` or `_future`.
        """
        code = cls(_normalised(text))
        if code.received < FIRST_DAY:
            raise ValueRefusedError("dossier_code_too_old")
        if code.received > today + AHEAD:
            raise ValueRefusedError("dossier_code_future")
        return code

    @property
    def canonical(self) -> str:
        """Return letters and digits only, as bank memos keep them: for search, not unique."""
        return "".join(each for each in self.text if each.isalnum())

    @property
    def level_one(self) -> str:
        """Return the ministry or province, such as `H23`."""
        return _parts(self.text)["m"]

    @property
    def received(self) -> date:
        """Return the day of reception."""
        return _received(_parts(self.text))

    @property
    def sequence(self) -> str:
        """Return the ordinal of the dossier on its day, as written: `0001`."""
        return _parts(self.text)["s"]

    def __str__(self) -> str:
        return self.text


def _normalised(text: str) -> str:
    """Return what was meant, or refuse what must not be guessed."""
    if len(text) > TYPED_MAX:
        raise ValueRefusedError("dossier_code_malformed")
    composed = unicodedata.normalize("NFC", text)
    start, end = 0, len(composed)
    while start < end and _is_padding(composed[start]):
        start += 1
    while start < end and _is_padding(composed[end - 1]):
        end -= 1
    code = composed[start:end].translate(_ASCII_UPPER).translate(_TYPOGRAPHY)
    if any(each.isspace() for each in code):
        raise ValueRefusedError("dossier_code_inner_space")
    if not code.isascii():
        raise ValueRefusedError("dossier_code_lookalike")
    return code


def _is_padding(character: str) -> bool:
    return character.isspace() or character in _ZERO_WIDTH


def _parts(text: str) -> dict[str, str]:
    match = _OLD.fullmatch(text) or _NEW.fullmatch(text)
    if match is None:
        raise ValueRefusedError("dossier_code_malformed")
    return match.groupdict()


def _received(parts: dict[str, str]) -> date:
    digits = parts["d"]
    try:
        return date(_CENTURY + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        raise ValueRefusedError("dossier_code_date") from None
