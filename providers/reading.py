"""Read flat messages the strict way: what could be read twice over is not read at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import parse_qsl

from paygate.domain.clock import from_stamp

FIELDS_MAX = 100  # no rail sends forty; a parser should stop long before memory does
NAME_CHARS_MAX = 64  # of ids and codes; none that we know has more than 20
CLOCK_SKEW = timedelta(days=1)
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)  # nobody paid here before


def read_object(body: bytes | str) -> dict[str, object]:
    """Read one JSON object, with numbers as the text that stood there.

    A number keeps its text because signatures are over text: 5000 and 5e3 are not the same.
    Spaces around a name are dropped, since a known receiver writes `"SECURE_CODE "`.

    Raises:
        ValueError: no JSON object in UTF-8, or one with a repeated name, at any depth.
    """
    text = body.decode() if isinstance(body, bytes) else body
    try:
        read = json.loads(
            text,
            object_pairs_hook=_once_each,
            parse_int=str,
            parse_float=str,
            parse_constant=_refuse,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(read, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # callers catch one kind: bad news
    return read


def read_form(body: bytes | str) -> dict[str, object]:
    """Read form fields, UTF-8 only.

    Raises:
        ValueError: no form, or one with a repeated name.
    """
    text = body.decode() if isinstance(body, bytes) else body
    pairs = parse_qsl(
        text,
        keep_blank_values=True,
        strict_parsing=True,
        errors="strict",
        max_num_fields=FIELDS_MAX,
    )
    return _once_each(list(pairs))


def text_of(fields: Mapping[str, object], name: str) -> str:
    """Return the value of that *name* as text, empty where it is missing or null.

    Raises:
        ValueError: the value is an object, a list or a bool, or no text that can be encoded.
    """
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004  # callers catch one kind: bad news
    value.encode()  # JSON can spell half a character, which no bytes can carry
    return value


def are_names(names: Iterable[str]) -> bool:
    """Tell whether each of *names* can be an id or a code."""
    return all(len(name) <= NAME_CHARS_MAX and name.isprintable() for name in names)


def moment_near(stamp: str, arrived_at: datetime) -> datetime:
    """Return the rail's time, or that of the message where it names none that can be.

    A verified *paid* is money whatever its date looks like. So a strange date may cost the right
    day, and never the booking.
    """
    try:
        moment = from_stamp(stamp)
    except (ValueError, OverflowError):
        return arrived_at
    return moment if FIRST_DAY <= moment <= arrived_at + CLOCK_SKEW else arrived_at


def _once_each(pairs: list[tuple[str, object]] | list[tuple[str, str]]) -> dict[str, object]:
    read: dict[str, object] = {}
    for name, value in pairs:
        key = name.strip()
        if key in read:
            raise ValueError("a name stands twice")
        read[key] = value
    return read


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
