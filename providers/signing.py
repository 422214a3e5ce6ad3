"""Canonical texts and their digests, in the shape of `SignatureProfile` (protocols/README.md 3).

Only what a rail of today signs with is here. The next rail brings its own axis with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote_plus

_HEX = re.compile(r"[0-9a-fA-F]+")


class Algorithm(StrEnum):
    """How a text becomes a digest, and where the secret stands."""

    SHA256_SUFFIX = "sha256"  # the secret ends the text, after one more separator
    HMAC_SHA512 = "hmac-sha512"  # the secret is the key

    @property
    def digits(self) -> int:
        """Return how long a digest is in hexadecimal."""
        return 64 if self is Algorithm.SHA256_SUFFIX else 128


@dataclass(frozen=True, slots=True)
class SignatureProfile:
    """How one message of one rail is signed."""

    fields: tuple[str, ...]  # in signed order; none: every value that is given, sorted by name
    separator: str
    algorithm: Algorithm = Algorithm.SHA256_SUFFIX
    include_names: bool = False  # `name=value`, both written as in a form
    skip_empty: bool = False

    def text(self, values: Mapping[str, str]) -> str:
        """Return the text that is signed, without the secret; a missing value is an empty one.

        Raises:
            ValueError: a value holds the separator where fields could be cut anew.
        """
        names = self.fields or sorted(values)
        pairs = [(name, values.get(name, "")) for name in names]
        if self.skip_empty:
            pairs = [(name, value) for name, value in pairs if value]
        if self.include_names:
            return self.separator.join(f"{_form(name)}={_form(value)}" for name, value in pairs)
        parts = [value for _, value in pairs]
        # Nothing escapes the separator. In the last value it moves no border; in any other, one
        # signed text would have two readings, and whoever saw it could choose between them.
        if any(self.separator in part for part in parts[:-1]):
            raise ValueError("a signed value holds the separator")
        return self.separator.join(parts)

    def sign(self, values: Mapping[str, str], secret: str) -> str:
        """Return the signature of *values*, in lower case."""
        return self._digest(self.text(values), secret)

    def verifies(
        self, values: Mapping[str, str], *, signature: str, secrets: Sequence[str]
    ) -> bool:
        """Tell whether any of *secrets* made *signature*, in a time that tells nothing more."""
        try:
            text = self.text(values)
        except ValueError:
            return False
        return self.verifies_text((text,), signature=signature, secrets=secrets)

    def verifies_text(
        self, texts: Iterable[str], *, signature: str, secrets: Sequence[str]
    ) -> bool:
        """Tell whether any of *secrets* made *signature* over any of *texts*.

        A caller has several texts where a rail has several ways to write one message; each of
        them must say the same.
        """
        if len(signature) != self.algorithm.digits or not _HEX.fullmatch(signature):
            return False
        given = signature.lower().encode()
        try:
            expected = [self._digest(text, secret) for text in texts for secret in secrets]
        except ValueError:
            return False
        # All of them are compared, so that the time does not name the key.
        matches = [hmac.compare_digest(each.encode(), given) for each in expected]
        return any(matches)

    def _digest(self, text: str, secret: str) -> str:
        if self.algorithm is Algorithm.HMAC_SHA512:
            return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()
        return hashlib.sha256(f"{text}{self.separator}{secret}".encode()).hexdigest()


def _form(text: str) -> str:
    """Write *text* as a form does: UTF-8, `+` for a space, upper-case escapes."""
    return quote_plus(text, encoding="utf-8", errors="strict")
