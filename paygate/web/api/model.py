"""What the bodies and queries of all resources have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

PAGE_MAX = 100


class In(BaseModel):
    """A part of a request: nothing unknown, and no type but the one asked for."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """A query: nothing unknown; its values come as text."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Page(Query):
    """A query that is answered page by page."""

    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 20
    cursor: Annotated[str, Field(max_length=100)] | None = None
