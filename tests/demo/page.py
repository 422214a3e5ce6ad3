"""Reads pages as a person does."""

from __future__ import annotations

import html
import re

from werkzeug.test import TestResponse


def text_of(response: TestResponse) -> str:
    """Return the words of a page, without tags, in single spaces."""
    body = re.sub(r"(?s)<(head|script|style)\b.*?</\1>", " ", response.text)
    inline = re.sub(r"</?(?:span|b|svg|use|path|symbol|circle|rect)\b[^>]*>", "", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inline)).split())
