"""Free text from outside: one form, bounded, and nothing in it that deceives a reader."""

from __future__ import annotations

import unicodedata

from paygate.domain.errors import ValueRefusedError

RAW_LENGTH_MAX = 2_000  # looked at before anything is normalised
# Bidi overrides and isolates may show one account and mean another.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_text(field: str, text: str, longest: int) -> str:
    """Return *text* in NFC with single spaces.

    Raises:
        ValueRefusedError: `{field}_empty`, `{field}_too_long` or `{field}_control_character`.
    """
    if len(text) > RAW_LENGTH_MAX:
        raise ValueRefusedError(f"{field}_too_long")
    if any(each in _BIDI or unicodedata.category(each) in _REFUSED_CATEGORIES for each in text):
        raise ValueRefusedError(f"{field}_control_character")
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if not clean:
        raise ValueRefusedError(f"{field}_empty")
    if len(clean) > longest:
        raise ValueRefusedError(f"{field}_too_long")
    return clean
