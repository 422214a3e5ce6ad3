"""What one field of a request may hold: texts, codes, amounts, times; refused by our own codes."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from paygate.domain.errors import ValueRefusedError
from paygate.domain.money import DONG_MAX
from paygate.domain.text import clean_text

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def text(longest: int) -> AfterValidator:
    """Return the rule of a text that people read: in one form, and nothing in it deceives."""
    return AfterValidator(lambda given: _clean(given, longest))


def note(longest: int) -> AfterValidator:
    """Return the rule of a text that may also say nothing."""
    return AfterValidator(lambda given: _clean(given, longest) if given else given)


def code(longest: int) -> AfterValidator:
    """Return the rule of a text that is compared: as `text`, and all of it can be seen."""
    return AfterValidator(lambda given: _visible(_clean(given, longest)))


def _clean(given: str, longest: int) -> str:
    try:
        return clean_text("field", given, longest)
    except ValueRefusedError as error:
        raise PydanticCustomError(error.code, "refused") from None


def _visible(clean: str) -> str:
    # A zero-width space makes two codes of what everybody reads as one.
    if not clean.isprintable():
        raise PydanticCustomError("field_control_character", "refused")
    return clean


def _whole_dong(given: object) -> object:
    # A fraction that a double cannot hold would pass for none, so no float is looked at (ADR 0020).
    if type(given) is not int or not 0 <= given <= DONG_MAX:
        raise PydanticCustomError("amount_not_whole_dong", "refused")
    return given


def _instant(given: object) -> datetime:
    if isinstance(given, str) and _RFC_3339.fullmatch(given):
        # At the calendar's ends the same moment has no date in UTC.
        with suppress(ValueError, OverflowError):
            return datetime.fromisoformat(given.upper()).astimezone(UTC)
    raise PydanticCustomError("time_malformed", "refused")


Dong = Annotated[int, BeforeValidator(_whole_dong)]
Instant = Annotated[datetime, PlainValidator(_instant)]
