"""JSON from outside: what two parsers read in two ways is refused first (TRUST S45)."""

from __future__ import annotations

import json

DEPTH_MAX = 32


class MalformedJsonError(ValueError):
    """The text is no JSON, or JSON that two readers would read differently."""


def check_json(text: bytes) -> None:
    """Refuse anything but one plain JSON object.

    Raises:
        MalformedJsonError: not UTF-8, not JSON, no object, nested too deeply, a key given twice,
            NaN or Infinity, -0, half of a surrogate pair, a NUL.
    """
    try:
        value = _load(text.decode("utf-8"))
    except MalformedJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError("not JSON") from error
    if not isinstance(value, dict):
        raise MalformedJsonError("not a JSON object")


def _load(text: str) -> object:
    if _depth(text) > DEPTH_MAX:
        raise MalformedJsonError("nested too deeply")
    value: object = json.loads(
        text, object_pairs_hook=_object, parse_int=_int, parse_constant=_refuse_constant
    )
    written = json.dumps(value, ensure_ascii=False)
    written.encode("utf-8")  # fails for lone surrogates
    if "\\u0000" in written:
        raise MalformedJsonError("a NUL, which no database keeps")
    return value


def _depth(text: str) -> int:
    """Return an upper bound of the nesting; brackets inside of strings do no harm but a refusal."""
    deepest = depth = 0
    for character in text:
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise MalformedJsonError("a key given twice")
    return made


def _int(digits: str) -> int:
    if digits == "-0":
        raise MalformedJsonError("-0, an integer for some readers and a float for others")
    return int(digits)


def _refuse_constant(name: str) -> object:
    raise MalformedJsonError(f"{name} is not JSON")
