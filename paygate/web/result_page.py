"""What a result page is made of: its seal, its table of facts, its links, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from paygate.web.pages import CODE_LABELS, Frame, Live, OrderView


class Seal(StrEnum):
    """The sign beside the heading; its word is the heading itself."""

    OK = "ok"
    WAIT = "wait"
    CARE = "care"
    LATE = "late"
    BAD = "bad"
    OFF = "off"


class Look(StrEnum):
    """How the value of a row is set."""

    TEXT = "text"
    FOREIGN = "foreign"  # Vietnamese in every language: a reader aloud must know
    CODE = "code"
    MONEY = "money"
    TOTAL = "total"


class Icon(StrEnum):
    """A drawing on a button."""

    AGAIN = "again"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Row:
    """A fact and its value."""

    term: str
    value: str
    look: Look = Look.TEXT


@dataclass(frozen=True, slots=True)
class Link:
    """Where a press leads."""

    href: str
    text: str
    icon: Icon | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """A sentence, its facts, at most one filled button, and what happens next."""

    frame: Frame
    seal: Seal
    heading: str
    sentence: str
    details: tuple[str, ...] = ()
    rows: tuple[Row, ...]
    links: tuple[Link, ...] = ()  # the first is the filled button
    next_heading: str | None = None
    next_steps: tuple[str, ...] = ()
    call_heading: str | None = None  # then: whom to call, and what to read out
    follow: Link | None = None
    live: Live | None = None  # where a script may ask whether another page fits now


def to_pay_row(order: OrderView) -> Row:
    """Return the row of what the order costs."""
    return Row(order.say("Giá trị thanh toán"), str(order.amount), Look.TOTAL)


def dossier_row(order: OrderView) -> Row:
    """Return the row of the dossier, or of the paper, that is paid for."""
    return Row(order.say(CODE_LABELS[order.payable_type]), order.dossier_code, Look.CODE)


def portal_link(order: OrderView) -> tuple[Link, ...]:
    """Return the way back to the portal, where it named one."""
    if order.portal_url is None:
        return ()
    return (Link(order.portal_url, order.say("Quay lại Cổng Dịch vụ công")),)
