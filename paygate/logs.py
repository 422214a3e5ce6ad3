"""Structured logs: one JSON line an act, and nothing in it that must not be there."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

# What libpq adds to an error: values of the row that was refused, tokens among them.
_DATABASE_DETAIL = re.compile(r"(?:DETAIL|CONTEXT): .*", re.DOTALL)
_LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z_.-])[0-9]{6,15}(?=[0-9]{4}(?![0-9A-Za-z]))")


def configure_logs(level: int = logging.INFO) -> None:
    """Write JSON lines to the standard error stream, without the local variables of tracebacks."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            cut_database_detail,
            mask_long_numbers,
            # ASCII: U+2028 and the like would end the line for some readers.
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def about(**ids: str) -> None:
    """Bind the ids of an order or attempt to every line of this request or job from now on."""
    structlog.contextvars.bind_contextvars(**ids)


def cut_database_detail(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cut what PostgreSQL tells of a refused row; the name of the rule before it stays."""
    return {name: _cleaned(value, _DATABASE_DETAIL) for name, value in event.items()}


def mask_long_numbers(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask what looks like an account or identity number: the last net, never the first."""
    return {name: _cleaned(value, _LONG_NUMBER) for name, value in event.items()}


def _cleaned(value: object, hidden: re.Pattern[str]) -> object:
    if isinstance(value, str):  # as almost everything is
        return hidden.sub("******", value)
    if value is None or isinstance(value, int | float):  # amounts, and no account is an int
        return value
    if isinstance(value, Mapping):
        return {str(_cleaned(k, hidden)): _cleaned(v, hidden) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_cleaned(each, hidden) for each in value]
    return hidden.sub("******", repr(value))
