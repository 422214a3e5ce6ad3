"""Short codes that people read aloud and that survive a bank memo (RECONCILIATION 14).

Prefix, 7 characters of Crockford base32, one check character. Stored without hyphens.
"""

from __future__ import annotations

from enum import StrEnum

from paygate.domain.errors import ValueRefusedError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PAYLOAD_LENGTH = 7
_MODULUS = 0b100101  # x^5 + x^2 + 1 over GF(2)
_LOOKALIKES = str.maketrans("OIL", "011")


class CodePrefix(StrEnum):
    """What a short code names."""

    ORDER = "PG"
    REFUND = "RF"
    CASE = "VV"


def make_code(prefix: CodePrefix, payload: str) -> str:
    """Return the code of *payload*, with its check character."""
    return f"{prefix}{payload}{check_character(payload)}"


def check_character(payload: str) -> str:
    """Return the character that finds every wrong one and every swap of two in *payload*."""
    check, weight = 0, 1
    for character in payload:
        weight = _times(weight, 2)
        check ^= _times(weight, ALPHABET.index(character))
    return ALPHABET[check]


def read_code(prefix: CodePrefix, text: str) -> str:
    """Return the code as it is stored, read from what a person typed: `pg-7k3m-92qf`.

    Raises:
        ValueRefusedError: code `short_code_invalid`.
    """
    code = "".join(text.split()).replace("-", "").upper()
    body = code.removeprefix(prefix).translate(_LOOKALIKES)
    known = (
        code.startswith(prefix)
        and len(body) == PAYLOAD_LENGTH + 1
        and all(character in ALPHABET for character in body)
    )
    if not known or check_character(body[:-1]) != body[-1]:
        raise ValueRefusedError("short_code_invalid")
    return f"{prefix}{body}"


def spaced(code: str) -> str:
    """Return *code* as people see it: `PG-7K3M-92QF`."""
    return f"{code[:2]}-{code[2:6]}-{code[6:]}"


def _times(left: int, right: int) -> int:
    """Return the product in GF(32)."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 0b100000:
            left ^= _MODULUS
        right >>= 1
    return product
