"""The list of cases: open ones first, the gravest and the oldest of them at the top."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

import flask

from paygate.domain.case import CaseKind, CaseState
from paygate.domain.clock import to_rfc3339
from paygate.domain.codes import spaced
from paygate.http.context import context
from paygate.http.i18n import Language, Say, stamp
from paygate.store import desk
from paygate.store.desk import CaseFound, CasePlace, CasesWanted
from paygate.web.desk.door import scope
from paygate.web.desk.eyes import account_name, accounts_seen
from paygate.web.desk.frame import DeskFrame, desk_frame, desk_say, draw
from paygate.web.desk.orders import Option
from paygate.web.desk.words import Tag, case_name, tag

PAGE = 50
CURSOR_MAX = 200
RANK_MAX = 1_000
FILTERS = ("state", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case in the list."""

    url: str
    code: str
    name: str
    tag: Tag
    account: str
    order: str | None
    order_url: str | None
    dossier: str | None
    told: str
    opened: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPage:
    """Cases that match."""

    frame: DeskFrame
    heading: str
    states: tuple[Option, ...]
    kinds: tuple[Option, ...]
    filtered: bool
    rows: tuple[CaseRow, ...]
    next_url: str | None
    first_url: str | None


def cases() -> flask.Response:
    """Show the cases of the guest's agencies."""
    here, say, seen, args = context(), desk_say(), scope(), flask.request.args
    state = CaseState(args["state"]) if args.get("state") in set(CaseState) else None
    kind = CaseKind(args["kind"]) if args.get("kind") in set(CaseKind) else None
    after = _place(args.get("cursor", ""))
    with here.house.db.read() as tx:
        wanted = CasesWanted(
            scope=seen,
            accounts=accounts_seen(tx, here.house.merchants, seen),
            state=state,
            kind=kind,
            after=after,
            limit=PAGE + 1,
        )
        found = desk.find_cases(tx, wanted)
    rows = found[:PAGE]
    heading = say("Vụ việc")
    frame = desk_frame(heading)
    page = CasesPage(
        frame=frame,
        heading=heading,
        states=tuple(Option(s.value, tag(say, s).text, s is state) for s in CaseState),
        kinds=tuple(Option(k.value, case_name(say, k), k is kind) for k in CaseKind),
        filtered=bool(state or kind),
        rows=tuple(_row(say, frame.language, each) for each in rows),
        next_url=_page_url(rows[-1].place) if len(found) > PAGE else None,
        first_url=_page_url(None) if after else None,
    )
    return draw("cases.html", page)


def _row(say: Say, language: Language, found: CaseFound) -> CaseRow:
    case, order = found.case, found.order
    merchants = context().house.merchants
    return CaseRow(
        url=flask.url_for("desk.case", code=spaced(case.code)),
        code=spaced(case.code),
        name=case_name(say, case.kind),
        tag=tag(say, case.state),
        account=account_name(merchants, case.account, language),
        order=None if order is None else spaced(order.code),
        order_url=None if order is None else flask.url_for("desk.order", code=spaced(order.code)),
        dossier=None if order is None else order.dossier_code,
        told="" if case.told is None else str(case.told),
        opened=stamp(case.opened_at),
    )


def _place(cursor: str) -> CasePlace | None:
    """Return the place that *cursor* names; one that is not ours begins at the beginning."""
    try:
        rank, opened_at, case_id = json.loads(cursor[:CURSOR_MAX])
        at = datetime.fromisoformat(opened_at).astimezone(UTC)
        number = int(rank)
    except (ValueError, TypeError, OverflowError):
        return None
    if not 0 < number <= RANK_MAX or "\x00" in str(case_id):
        return None
    return CasePlace(rank=number, opened_at=at, id=str(case_id))


def _page_url(place: CasePlace | None) -> str:
    kept = [(k, v) for k, v in flask.request.args.items() if k in FILTERS and v]
    if place is None:
        return "?" + urlencode(kept)
    cursor = json.dumps([place.rank, to_rfc3339(place.opened_at), place.id])
    return "?" + urlencode([*kept, ("cursor", cursor)])
