"""Lists page by page: a cursor is the id of the last thing that was shown (DESIGN 5.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import flask

from paygate.http.api import json_answer
from paygate.http.problems import FieldRefusal, FieldsRefusedError
from paygate.web.api.model import Page


def cursor_of(query: Page, prefix: str) -> str | None:
    """Return the id after which the page begins, None for the first page.

    Raises:
        FieldsRefusedError: `cursor_malformed`: no id of that kind.
    """
    if query.cursor is not None and not re.fullmatch(
        rf"{prefix}_[0-9A-Za-z_-]{{1,80}}", query.cursor
    ):
        raise FieldsRefusedError([FieldRefusal("/cursor", "cursor_malformed")])
    return query.cursor


def page_answer(page: Sequence[Mapping[str, object]], *, is_last: bool = True) -> flask.Response:
    """Return a page, and the cursor that leads to the next unless this is the last."""
    return json_answer({"data": page, "next_cursor": None if is_last else page[-1]["id"]})
