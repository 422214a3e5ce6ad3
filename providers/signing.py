"""Canonical texts and their digests, in the shape of `SignatureProfile` (protocols/README.md 3).

Only what a rail of today signs with is here: a fixed list of fields, their values raw, a separator,
the secret last, SHA-256 in hexadecimal. The next rail brings its own axis with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SHA256_HEX = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """How one message of one rail is signed."""

    fields: tuple[str, ...]
    separator: str

    def text(self, values: Mapping[str, str]) -> str:
        """Return the text that is signed, without the secret; a missing value is an empty one.

        Raises:
            ValueError: a value holds the separator where fields could be cut anew.
        """
        parts = [values.get(name, "") for name in self.fields]
        # Nothing escapes the separator. In the last value it moves no border; in any other, one
        # signed text would have two readings, and whoever saw it could choose between them.
        if any(self.separator in part for part in parts[:-1]):
            raise ValueError("a signed value holds the separator")
        return self.separator.join(parts)

    def sign(self, values: Mapping[str, str], secret: str) -> str:
        """Return the signature of *values*, in lower case."""
        text = f"{self.text(values)}{self.separator}{secret}"
        return hashlib.sha256(text.encode()).hexdigest()

    def verifies(
        self, values: Mapping[str, str], *, signature: str, secrets: Sequence[str]
    ) -> bool:
        """Tell whether any of *secrets* made *signature*, in a time that tells nothing more."""
        if not _SHA256_HEX.fullmatch(signature):
            return False
        given = signature.lower().encode()
        try:
            expected = [self.sign(values, secret).encode() for secret in secrets]
        except ValueError:
            return False
        # All of them are compared, so that the time does not name the key.
        matches = [hmac.compare_digest(each, given) for each in expected]
        return any(matches)
