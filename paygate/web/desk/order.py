"""One order, the whole story: what it asks, what rails, bank and portal were told, and when."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from werkzeug.exceptions import NotFound

from paygate.domain.banks import BANKS
from paygate.domain.codes import CodePrefix, read_code, spaced
from paygate.domain.errors import ValueRefusedError
from paygate.http.context import context
from paygate.http.i18n import Language, Say, stamp
from paygate.logs import about
from paygate.store import agencies
from paygate.store.attempts import Attempt
from paygate.web.desk.door import scope
from paygate.web.desk.eyes import account_name
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.story import Story, read_story
from paygate.web.desk.timeline import AuditLine, Day, audit_lines, timeline
from paygate.web.desk.words import Tag, case_name, purpose_name, tag


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that somebody says of an attempt."""

    who: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One attempt to pay with its three facts, which nobody makes one of (ADR 0011)."""

    number: int
    via: str
    ref: str
    amount: str
    at: str
    rail_code: str | None
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """What is paid for."""

    name: str
    code: str
    beneficiary: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyView:
    """Money that came."""

    via: str
    transaction: str | None
    amount: str
    at: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class CaseLink:
    """A case about the order."""

    url: str
    code: str
    name: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Everything about one order that staff may see."""

    frame: DeskFrame
    heading: str
    amount: str
    tag: Tag
    dossier: str
    procedure: str | None
    purpose: str
    agency: str
    portal: str
    created: str
    expires: str
    paid: str | None
    lines: tuple[LineView, ...]
    attempts: tuple[AttemptView, ...]
    moneys: tuple[MoneyView, ...]
    cases: tuple[CaseLink, ...]
    refund_bank: str | None
    refund_number: str | None
    days: tuple[Day, ...]
    audits: tuple[AuditLine, ...]


def order(code: str) -> flask.Response:
    """Show the order of that code; one of a foreign agency is not there."""
    say = desk_say()
    story = _story(code)
    about(order_id=story.order.id)
    frame = desk_frame(say("Đơn hàng {code}").format(code=spaced(story.order.code)))
    return draw("order.html", _page(say, frame, story))


def _story(code: str) -> Story:
    here = context()
    try:
        stored = read_code(CodePrefix.ORDER, code)
    except ValueRefusedError:
        raise NotFound from None
    with here.house.db.read() as tx:
        story = read_story(tx, stored)
        if story is None:
            raise NotFound
        if not scope().covers(agencies.lineage(tx, story.order.collecting_agency)):
            raise NotFound  # TRUST S23: that it is there is told to nobody else
    return story


def _page(say: Say, frame: DeskFrame, story: Story) -> OrderPage:
    order = story.order
    account = story.refund_account
    merchants = context().house.merchants
    bank = None if account is None else BANKS.get(account.bank_bin)
    return OrderPage(
        frame=frame,
        heading=spaced(order.code),
        amount=str(order.amount),
        tag=tag(say, order.state),
        dossier=order.dossier_code,
        procedure=order.procedure_name,
        purpose=purpose_name(say, order.purpose),
        agency=_named(story, order.collecting_agency),
        portal=story.portal,
        created=stamp(order.created_at),
        expires=stamp(order.expires_at),
        paid=None if order.paid_at is None else stamp(order.paid_at),
        lines=tuple(
            LineView(each.name, each.code, _named(story, each.beneficiary), str(each.amount))
            for each in story.lines
        ),
        attempts=tuple(
            _attempt(say, frame.language, number, each)
            for number, each in enumerate(story.attempts, start=1)
        ),
        moneys=tuple(
            MoneyView(
                via=account_name(merchants, each.account, frame.language),
                transaction=each.rails_number,
                amount=str(each.amount),
                at=stamp(each.paid_at),
                tag=tag(say, each.disposition),
            )
            for each in story.collections
        ),
        cases=tuple(
            CaseLink(
                flask.url_for("desk.case", code=spaced(each.code)),
                spaced(each.code),
                case_name(say, each.kind),
                tag(say, each.state),
            )
            for each in story.cases
        ),
        refund_bank=None if bank is None else str(bank),
        refund_number=None if account is None else f"******{account.last4}",
        days=timeline(say, story, lambda code: account_name(merchants, code, frame.language)),
        audits=audit_lines(say, story),
    )


def _attempt(say: Say, language: Language, number: int, attempt: Attempt) -> AttemptView:
    return AttemptView(
        number=number,
        via=account_name(context().house.merchants, attempt.account, language),
        ref=attempt.ref,
        amount=str(attempt.amount),
        at=stamp(attempt.created_at),
        rail_code=attempt.rail_code,
        facts=(
            Fact(say("Phía đối tác"), tag(say, attempt.payment_state)),
            Fact(say("File quyết toán"), tag(say, attempt.settlement_state)),
            Fact(say("Tiền ở ngân hàng"), tag(say, attempt.bank_state)),
        ),
    )


def _named(story: Story, agency: str) -> str:
    name = story.agencies.get(agency)
    return agency if name is None else f"{name} ({agency})"
