"""People and where their money goes back to: normalised, checked, and masked when printed.

What does not print cannot leak into a log: `repr` and `str` show no personal data (DOMAIN 12).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from paygate.domain.banks import BANKS
from paygate.domain.errors import ValueRefusedError
from paygate.domain.text import RAW_LENGTH_MAX, clean_text

NAME_MAX = 200
ADDRESS_MAX = 500
EMAIL_MAX = 254  # RFC 5321: the longest address that a mailbox can have

_ACCOUNT_NUMBER = re.compile(r"[0-9A-Z]{6,19}")
_ID_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{5,19}")  # CCCD, CMND, passport or tax code
_PHONE = re.compile(r"\+?[0-9]{8,15}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_PHONE_PUNCTUATION = str.maketrans("", "", ".-()")
_CCCD_LENGTH = 12
_PHONE_LENGTH = 10


class NameVerdict(StrEnum):
    """What a refund account's holder is to the order (DOMAIN 9.4)."""

    EXACT = "exact"  # go on
    REVIEW = "review"  # a person decides
    BLOCK = "block"  # another account, or two persons with a document


@dataclass(frozen=True, slots=True, repr=False)
class Party:
    """A payer or an applicant.

    Raises:
        ValueRefusedError: `{field}_empty`, `{field}_too_long`, `{field}_control_character`,
            `id_number_malformed`, `phone_malformed`, `email_malformed`.
    """

    name: str
    id_number: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        _put(self, "name", clean_text("name", self.name, NAME_MAX))
        if self.id_number is not None:
            id_number = _matching(_ID_NUMBER, "id_number", _squeezed("id_number", self.id_number))
            _put(self, "id_number", id_number.upper())
        if self.phone is not None:
            phone = _squeezed("phone", self.phone).translate(_PHONE_PUNCTUATION)
            _put(self, "phone", _matching(_PHONE, "phone", phone))
        if self.email is not None:
            email = clean_text("email", self.email, EMAIL_MAX)
            _put(self, "email", _matching(_EMAIL, "email", email))
        if self.address is not None:
            _put(self, "address", clean_text("address", self.address, ADDRESS_MAX))

    def __repr__(self) -> str:
        return "Party(***)"

    def to_json(self) -> dict[str, str]:
        """Return the fields that are given, in clear: for sealing, never for a log."""
        fields = ("name", "id_number", "phone", "email", "address")
        return {name: value for name in fields if (value := getattr(self, name)) is not None}

    @classmethod
    def from_json(cls, fields: Mapping[str, str]) -> Party:
        """Read what `to_json` writes."""
        return cls(**fields)


@dataclass(frozen=True, slots=True, repr=False)
class RefundAccount:
    """Where a refund goes: all three fields, or there is no account.

    Raises:
        ValueRefusedError: `bank_unknown`, `account_number_malformed`,
            `account_holder_empty`, `_too_long`, `_control_character` or `_malformed`.
    """

    bank_bin: str
    account_number: str
    account_holder: str

    def __post_init__(self) -> None:
        if self.bank_bin not in BANKS:
            raise ValueRefusedError("bank_unknown")
        number = _squeezed("account_number", self.account_number)
        _put(self, "account_number", _matching(_ACCOUNT_NUMBER, "account_number", number))
        holder = clean_text("account_holder", self.account_holder, NAME_MAX)
        if not norm_name(holder):
            # No bank of Viet Nam keeps a name without Latin letters, and none can be compared.
            raise ValueRefusedError("account_holder_malformed")
        _put(self, "account_holder", holder)

    @property
    def last4(self) -> str:
        """Return the only digits that may be shown."""
        return self.account_number[-4:]

    @property
    def masked(self) -> str:
        """Return the number as people may see it: `******2233`."""
        return f"******{self.last4}"

    def __repr__(self) -> str:
        return f"RefundAccount({self.bank_bin}, {self.masked})"

    def to_json(self) -> dict[str, str]:
        """Return the fields in clear: for sealing, never for a log."""
        return {
            "bank_bin": self.bank_bin,
            "account_number": self.account_number,
            "account_holder": self.account_holder,
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, str]) -> RefundAccount:
        """Read what `to_json` writes."""
        return cls(**fields)


def mask_id_number(text: str) -> str:
    """Return `030*****0468` for a CCCD, and less of a shorter number."""
    if len(text) == _CCCD_LENGTH:
        return f"{text[:3]}*****{text[-4:]}"
    return f"*****{text[-3:]}"


def mask_phone(text: str) -> str:
    """Return `091****436` for a number of ten digits, and less of any other."""
    if len(text) == _PHONE_LENGTH:
        return f"{text[:3]}****{text[-3:]}"
    return f"****{text[-3:]}"


def norm_name(text: str) -> str:
    """Return *text* as banks write names: capitals A-Z, digits, single spaces, no accents."""
    split = unicodedata.normalize("NFD", text)
    bare = "".join(each for each in split if not unicodedata.combining(each))
    # Đ is a letter of its own, which NFD does not split.
    capitals = bare.replace("Đ", "D").replace("đ", "D").upper()
    kept = "".join(
        each if not each.isspace() else " "
        for each in capitals
        if each.isspace() or (each.isascii() and each.isalnum())
    )
    return " ".join(kept.split())


def compare_holder(holder: str, *, payer: str, applicant: str) -> NameVerdict:
    """Return whether a refund may go to *holder* without asking a person."""
    name, names = norm_name(holder), (norm_name(payer), norm_name(applicant))
    if not name:
        return NameVerdict.BLOCK
    if names == (name, name):
        return NameVerdict.EXACT
    if name in names or any(_alike(name, other) for other in names):
        return NameVerdict.REVIEW
    return NameVerdict.BLOCK


def _alike(name: str, other: str) -> bool:
    """Return whether only the order of the words differs, or only the spaces."""
    return sorted(name.split()) == sorted(other.split()) or (
        name.replace(" ", "") == other.replace(" ", "")
    )


def _squeezed(field: str, text: str) -> str:
    return clean_text(field, text, RAW_LENGTH_MAX).replace(" ", "")


def _matching(pattern: re.Pattern[str], field: str, text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueRefusedError(f"{field}_malformed")
    return text


def _put(value: Party | RefundAccount, field: str, text: str) -> None:
    """Set a field while its frozen value is being made, and at no other time."""
    object.__setattr__(value, field, text)
