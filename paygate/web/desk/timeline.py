"""The story of an order as a person reads it: day by day, oldest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

import flask

from paygate.domain.clock import business_date
from paygate.domain.codes import spaced
from paygate.domain.ids import AccountCode
from paygate.domain.money import Money
from paygate.domain.outcome import Outcome
from paygate.domain.payment import PaymentState
from paygate.http.i18n import Say, hour, mark, stamp
from paygate.store.deliveries import DeliveryTry
from paygate.web.desk.story import Story, Told
from paygate.web.desk.words import case_name, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    at: datetime
    tone: str
    text: str
    note: str | None = None
    url: str | None = None

    @property
    def hour(self) -> str:
        """Return the time of day in Viet Nam."""
        return hour(self.at)


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day in Viet Nam."""

    date: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One record of the audit, by its codes: they are the same in every language."""

    seq: int
    at: str
    action: str
    who: str
    via: str


_WHO = {
    "portal": mark("Cổng DVC"),
    "provider": mark("Đối tác"),
    "user": mark("Nhân sự"),
    "operator": mark("Người vận hành"),
    "system": mark("Hệ thống"),
    "citizen": mark("Công dân"),
}


DASH = "\N{EN DASH}"
_FITTING = frozenset({Outcome.APPLIED, Outcome.KNOWN})
_OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.APPLIED: mark("ghi nhận"),
        Outcome.KNOWN: mark("đã biết từ trước"),
        Outcome.CONTRADICTS: mark("mâu thuẫn với điều đã ghi"),
        Outcome.UNKNOWN_ATTEMPT: mark("không có lần thanh toán này"),
        Outcome.AMOUNT_DIFFERS: mark("sai số tiền"),
        Outcome.BAD_SIGNATURE: mark("chữ ký sai"),
        Outcome.UNREADABLE: mark("không đọc được"),
        Outcome.TROUBLE: mark("hệ thống trục trặc"),
    }
)


def timeline(say: Say, story: Story, account: Callable[[AccountCode], str]) -> tuple[Day, ...]:
    """Return the days of the story; *account* says what people call an account."""
    events = sorted(_events(say, story, account), key=lambda each: each.at)
    return tuple(
        Day(f"{day:%d/%m/%Y}", tuple(those))
        for day, those in groupby(events, key=lambda each: business_date(each.at))
    )


def audit_lines(say: Say, story: Story) -> tuple[AuditLine, ...]:
    """Return the audit of the order, oldest first; who acted is named by his kind."""
    lines = []
    for each in story.audit:
        record = json.loads(each.record)
        kind = str(record.get("actor", "")).partition(":")[0]
        who = say(_WHO[kind]) if kind in _WHO else kind
        via = str(record.get("via", ""))
        lines.append(AuditLine(each.seq, stamp(each.at), str(record.get("action", "")), who, via))
    return tuple(lines)


def _events(say: Say, story: Story, account: Callable[[AccountCode], str]) -> Iterator[Event]:
    order = story.order
    yield Event(
        at=order.created_at,
        tone="mute",
        text=say("{portal} tạo đơn").format(portal=story.portal),
        note=str(order.amount),
    )
    for number, each in enumerate(story.attempts, start=1):
        found = tag(say, each.payment_state)
        yield Event(
            at=each.created_at,
            tone="mute",
            text=say("Lần {number}: chọn {via}").format(number=number, via=account(each.account)),
            note=say("Mã tham chiếu {ref}. Hiện nay: {state}.").format(
                ref=each.ref, state=found.text.lower()
            ),
        )
    yield from _words_of_rails(say, story)
    for money in story.collections:
        found = tag(say, money.disposition)
        yield Event(
            at=money.created_at,
            tone=found.tone,
            text=say("Nhận {amount} qua {via}").format(
                amount=money.amount, via=account(money.account)
            ),
            note=say("Đối tác ghi {at}. {fate}.").format(at=stamp(money.paid_at), fate=found.text),
        )
    for case in story.cases:
        yield Event(
            at=case.opened_at,
            tone="bad",
            text=say("Mở vụ việc: {kind}").format(kind=case_name(say, case.kind)),
            note=spaced(case.code),
            url=flask.url_for("desk.case", code=spaced(case.code)),
        )
    for told in story.told:
        yield from _deliveries(say, told)


def _words_of_rails(say: Say, story: Story) -> Iterator[Event]:
    """Yield what rails said of the attempts, by whichever road, as the audit tells it."""
    for each in story.audit:
        record = json.loads(each.record)
        area, _, said = str(record.get("action", "")).partition(".")
        if area != "payment" or said not in set(PaymentState):
            continue
        found, outcome = tag(say, PaymentState(said)), str(record.get("outcome", ""))
        amount, code = record.get("amount"), record.get("rail_code")
        yield Event(
            at=each.at,
            tone=found.tone if outcome in _FITTING else "bad",
            text=say("Đối tác trả lời: {state}").format(state=found.text.lower()),
            note=say("Mã {code}, {amount}. Kết quả xử lý: {outcome}.").format(
                code=code or DASH,
                amount=Money(amount) if isinstance(amount, int) else DASH,
                outcome=say(_OUTCOMES[Outcome(outcome)]) if outcome in set(Outcome) else outcome,
            ),
        )


def _deliveries(say: Say, told: Told) -> Iterator[Event]:
    kind = told.message.type
    if not told.tries:
        yield Event(
            at=told.message.created_at,
            tone="warn",
            text=say("Webhook {kind}: chưa gửi").format(kind=kind),
        )
    for each in told.tries:
        ok = each.status is not None and 200 <= each.status < 300  # noqa: PLR2004  # RFC 9110
        text = say("Webhook {kind}: cổng đã nhận") if ok else say("Webhook {kind}: không gửi được")
        yield Event(
            at=each.at,
            tone="ok" if ok else "bad",
            text=text.format(kind=kind),
            note=say("Lần gửi {number}: {answer}").format(number=each.try_no, answer=_answer(each)),
        )


def _answer(each: DeliveryTry) -> str:
    return str(each.status) if each.status is not None else (each.trouble or "")
