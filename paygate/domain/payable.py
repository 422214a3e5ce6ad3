"""What is paid without a dossier: a fine decision, a tax notice, a court notice (DOMAIN 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from paygate.domain.errors import ValueRefusedError
from paygate.domain.text import RAW_LENGTH_MAX, clean_text

CODE_LENGTH_MAX = 100
FIELD_LENGTH_MAX = 500
NOTICE_DATE = "notice_date"


class PayableType(StrEnum):
    """The paper that says what is owed."""

    FINE_DECISION = "fine_decision"
    TAX_NOTICE = "tax_notice"
    COURT_NOTICE = "court_notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How one field of a paper is treated."""

    needed: bool = False
    personal: bool = False  # kept sealed, and never given back
    is_day: bool = False


P = PayableType
FIELDS: Mapping[PayableType, Mapping[str, FieldRule]] = MappingProxyType(
    {
        # The mandatory fields of a fine on the national platform, by names of ours.
        P.FINE_DECISION: {
            "fine_type_code": FieldRule(),
            "fine_type_name": FieldRule(),
            "authority_code": FieldRule(),
            "authority_name": FieldRule(needed=True),
            "treasury": FieldRule(),
            "decision_date": FieldRule(needed=True, is_day=True),
            "violated_at": FieldRule(),
            "violation_place": FieldRule(personal=True),
            "violator_name": FieldRule(needed=True, personal=True),
            "treasury_account": FieldRule(),
        },
        P.TAX_NOTICE: {
            "authority_name": FieldRule(needed=True),
            NOTICE_DATE: FieldRule(needed=True, is_day=True),
            "tax_name": FieldRule(),
            "tax_period": FieldRule(),
            "tax_code": FieldRule(personal=True),
            "taxpayer_name": FieldRule(personal=True),
        },
        P.COURT_NOTICE: {
            "court_name": FieldRule(needed=True),
            NOTICE_DATE: FieldRule(needed=True, is_day=True),
            "case_number": FieldRule(),
            "litigant_name": FieldRule(personal=True),
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableRef:
    """One paper by its code, in one form; the fields are those of its type, read by `field`."""

    type: PayableType
    code: str
    fields: Mapping[str, str] = field(repr=False)

    @property
    def key(self) -> str:
        """Return what at most one live order may be about; no dossier code has a colon."""
        return payable_key(self.type, self.code)

    @property
    def facts(self) -> dict[str, str]:
        """Return the fields that may be shown."""
        rules = FIELDS[self.type]
        return {name: text for name, text in self.fields.items() if not rules[name].personal}

    @property
    def personal(self) -> dict[str, str]:
        """Return the fields that are kept sealed."""
        rules = FIELDS[self.type]
        return {name: text for name, text in self.fields.items() if rules[name].personal}

    @property
    def notice_date(self) -> date:
        """Return the day of the notice, of a type that has one."""
        return date.fromisoformat(self.fields[NOTICE_DATE])


def payable_key(kind: PayableType | None, code: str) -> str:
    """Return the key of a paper, or of a dossier where *kind* is None."""
    return code if kind is None else f"{kind.value}:{code}"


def read_code(text: str) -> str:
    """Return the code of a paper in capitals and without blanks, as it is compared and shown.

    Raises:
        ValueRefusedError: `payable_code_empty`, `_too_long` or `_control_character`.
    """
    capitals = clean_text("payable_code", text, RAW_LENGTH_MAX).upper().replace(" ", "")
    # A capital may be longer than its letter, and written in another form.
    code = clean_text("payable_code", capitals, CODE_LENGTH_MAX)
    # A zero-width space makes two codes of what everybody reads as one.
    if not code.isprintable():
        raise ValueRefusedError("payable_code_control_character")
    return code


def read_field(kind: PayableType, name: str, text: str, today: date) -> str:
    """Return one field of a paper in its one form.

    Raises:
        ValueRefusedError: `payable_field_unknown`, `payable_date_malformed`,
            `payable_date_future`, or of a text.
    """
    rule = FIELDS[kind].get(name)
    if rule is None:
        raise ValueRefusedError("payable_field_unknown")
    clean = clean_text("field", text, FIELD_LENGTH_MAX)
    if not rule.is_day:
        return clean
    try:
        day = date.fromisoformat(clean)
    except ValueError:
        raise ValueRefusedError("payable_date_malformed") from None
    if day > today:
        raise ValueRefusedError("payable_date_future")
    return day.isoformat()


def missing(kind: PayableType, names: frozenset[str]) -> tuple[str, ...]:
    """Return the fields that a paper of this type must have and *names* lacks."""
    return tuple(name for name, rule in FIELDS[kind].items() if rule.needed and name not in names)
