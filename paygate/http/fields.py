"""What one field of a request may hold: texts, codes, amounts, times; refused by our own codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from paygate.domain.errors import ValueRefusedError
from paygate.domain.money import DONG_MAX
from paygate.domain.text import clean_text

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule of texts, for the validation and for the description of the API."""

    clean: Callable[[str], str]
    longest: int
    shortest: int = 1

    def __get_pydantic_core_schema__(
        self, source: type[str], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Let pydantic read a text, then keep to the rule."""
        return core_schema.no_info_after_validator_function(self.clean, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell the lengths, which are those of the text as it is kept."""
        told = handler(schema)
        return told | {"minLength": self.shortest, "maxLength": self.longest}


def text(longest: int) -> TextRule:
    """Return the rule of a text that people read: in one form, and nothing in it deceives."""
    return TextRule(lambda given: _clean(given, longest), longest)


def note(longest: int) -> TextRule:
    """Return the rule of a text that may also say nothing."""
    return TextRule(lambda given: _clean(given, longest) if given else given, longest, 0)


def code(longest: int) -> TextRule:
    """Return the rule of a text that is compared: as `text`, and all of it can be seen."""
    return TextRule(lambda given: _visible(_clean(given, longest)), longest)


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


Dong = Annotated[
    int,
    BeforeValidator(_whole_dong),
    WithJsonSchema(
        {
            "type": "integer",
            "minimum": 0,
            "maximum": DONG_MAX,
            "description": "Whole dong in digits alone: 5000; 5000.0 and 5e3 are refused.",
        }
    ),
]
Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
