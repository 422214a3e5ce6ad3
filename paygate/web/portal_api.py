"""The REST API of portals: issue an order, read it, look for it (DESIGN 5.1)."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Annotated, Literal

import flask
import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from paygate.domain.clock import business_date
from paygate.domain.dossier import DossierCode
from paygate.domain.errors import OrderNotFoundError, ValueRefusedError
from paygate.domain.ids import OrderId
from paygate.domain.money import Money
from paygate.domain.order import FeeKind, OrderState, Purpose
from paygate.domain.party import Party, RefundAccount
from paygate.http import fields
from paygate.http.api import (
    Gathering,
    idempotency_key,
    json_answer,
    read_json,
    read_query,
    request_digest,
    text_answer,
)
from paygate.http.auth import authenticated_portal
from paygate.http.context import begin_act, context
from paygate.http.problems import FieldRefusal, FieldsRefusedError
from paygate.logs import about
from paygate.services.issue_order import Exemption, LineWanted, OrderWanted, issue_order
from paygate.store import idempotency, orders
from paygate.store.orders import OrderSearch
from paygate.store.portals import Portal
from paygate.web.order_json import order_json

blueprint = flask.Blueprint("portal_api", __name__, url_prefix="/v1")
ENDS_S_MIN = 300
ENDS_S_MAX = 31 * 86_400
LINES_MAX = 50
METADATA_MAX = 20
PAGE_MAX = 100
_CURSOR = re.compile(r"ord_[0-9A-Za-z_-]{1,80}")


def _no_key_twice(given: object, clean: ValidatorFunctionWrapHandler) -> object:
    made = clean(given)
    if isinstance(given, dict) and len(made) != len(given):
        raise PydanticCustomError("metadata_key_repeated", "refused")
    return made


Code = Annotated[str, fields.code(50)]
Long = Annotated[str, fields.text(500)]
Metadata = Annotated[
    dict[Annotated[str, fields.code(40)], Annotated[str, fields.note(500)]],
    Field(max_length=METADATA_MAX),
    WrapValidator(_no_key_twice),
]


class In(BaseModel):
    """A part of a request: nothing unknown, and no type but the one asked for."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class DossierIn(In):
    """The dossier that the fee is for."""

    code: Annotated[str, Field(max_length=200)]
    procedure_code: Code | None = None
    procedure_name: Long | None = None


class LineIn(In):
    """One fee."""

    kind: FeeKind
    code: Code
    name: Long
    amount: fields.Dong
    beneficiary: Code

    def to_wanted(self) -> LineWanted:
        """Return the value of the business."""
        return LineWanted(
            kind=self.kind,
            code=self.code,
            name=self.name,
            amount=Money(self.amount),
            beneficiary=self.beneficiary,
        )


class PartyIn(In):
    """Payer or applicant."""

    name: Annotated[str, Field(max_length=2_000)]
    id_number: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, Field(max_length=200)] | None = None
    email: Annotated[str, Field(max_length=500)] | None = None
    address: Annotated[str, Field(max_length=2_000)] | None = None

    def to_party(self) -> Party:
        """Return the domain's value, or refuse what breaks its rules."""
        return Party(**self.model_dump())


class ExemptionIn(In):
    """Why nothing is owed."""

    reason_code: Code
    legal_basis: Long


class RefundAccountIn(In):
    """Where a refund would go: all three, or nothing."""

    bank_bin: Annotated[str, Field(max_length=20)]
    account_number: Annotated[str, Field(max_length=200)]
    account_holder: Annotated[str, Field(max_length=2_000)]


class OrderIn(In):
    """What a portal posts to issue an order."""

    dossier: DossierIn
    purpose: Purpose = Purpose.FEE
    description: Annotated[str, fields.text(255)] | None = None
    language: Literal["vi", "en"] = "vi"
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=LINES_MAX)]
    payer: PartyIn | None = None
    applicant: PartyIn | None = None
    collecting_agency: Code | None = None
    exemption: ExemptionIn | None = None
    refund_account: RefundAccountIn | None = None
    return_url: Annotated[str, Field(max_length=2_000)] | None = None
    expires_in: Annotated[int, Field(ge=ENDS_S_MIN, le=ENDS_S_MAX)] | None = None
    metadata: Metadata = {}

    def to_wanted(self, portal: Portal, *, today: date, ends_s: int) -> OrderWanted:
        """Return the command, or refuse every field that breaks a rule of the business."""
        gathering = Gathering()
        made: dict[str, object] = {}
        with gathering.at("/dossier/code"):
            made["dossier"] = DossierCode.parse(self.dossier.code, today)
        for name, party in (("payer", self.payer), ("applicant", self.applicant)):
            if party is not None:
                with gathering.at(f"/{name}"):
                    made[name] = party.to_party()
        if self.refund_account is not None:
            with gathering.at("/refund_account"):
                made["refund_account"] = RefundAccount(**self.refund_account.model_dump())
        if self.exemption is not None:
            made["exemption"] = Exemption(**self.exemption.model_dump())
        gathering.check()
        return OrderWanted(
            portal=portal,
            procedure_code=self.dossier.procedure_code,
            procedure_name=self.dossier.procedure_name,
            description=self.description,
            lines=tuple(each.to_wanted() for each in self.lines),
            purpose=self.purpose,
            language=self.language,
            collecting_agency=self.collecting_agency,
            return_url=self.return_url,
            expires_in=timedelta(seconds=self.expires_in or ends_s),
            metadata=self.metadata,
            **made,  # type: ignore[arg-type]  # gathered above, each under its own name
        )


class OrderQuery(BaseModel):
    """What a portal looks for."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    dossier_code: Annotated[str, Field(max_length=200)] | None = None
    state: OrderState | None = None
    created_from: fields.Instant | None = None
    created_to: fields.Instant | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 20
    cursor: Annotated[str, Field(max_length=100)] | None = None


@blueprint.post("/orders")
def create_order() -> flask.Response:
    """Issue an order; the same key and body get the same answer again."""
    portal = authenticated_portal()
    key = idempotency_key()
    body = read_json(OrderIn)
    here, act = context(), begin_act(f"portal:{portal.id}")
    gateway = here.config.gateway
    wanted = body.to_wanted(portal, today=business_date(act.now), ends_s=gateway.order_ends_s)
    digest = request_digest()

    def once(tx: sa.Connection) -> tuple[int, str, bool]:
        known = idempotency.claim(tx, portal.id, key, digest, now=act.now)
        if known is not None and known.status is not None and known.answer is not None:
            return known.status, known.answer, True
        order = issue_order(tx, act, here.house.vault, wanted)
        text = json.dumps(order_json(tx, order, base_url=gateway.base_url), ensure_ascii=False)
        idempotency.answer(tx, portal.id, key, status=201, text=text)
        return 201, text, False

    status, text, replayed = here.house.db.act(once)
    order_id = json.loads(text)["id"]
    about(order_id=order_id)
    headers = {"Location": f"{gateway.base_url}/v1/orders/{order_id}"}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return text_answer(text, status=status, headers=headers)


@blueprint.get("/orders/<order_id>")
def read_order(order_id: str) -> flask.Response:
    """Return one order of the portal as it stands in the book."""
    portal, here = authenticated_portal(), context()
    with here.house.db.read() as tx:
        order = orders.get(tx, OrderId(order_id))
        if order is None or order.portal_id != portal.id:
            raise OrderNotFoundError
        about(order_id=order.id)
        return json_answer(order_json(tx, order, base_url=here.config.gateway.base_url))


@blueprint.get("/orders")
def search_orders() -> flask.Response:
    """Return the portal's orders, newest first, page by page."""
    portal, here = authenticated_portal(), context()
    query = read_query(OrderQuery)
    before = None if query.cursor is None else OrderId(query.cursor)
    if before is not None and not _CURSOR.fullmatch(before):
        raise FieldsRefusedError([FieldRefusal("/cursor", "cursor_malformed")])
    wanted = OrderSearch(
        portal_id=portal.id,
        dossier_code=_dossier_sought(query.dossier_code, today=business_date(here.clock.now())),
        state=query.state,
        created_from=query.created_from,
        created_to=query.created_to,
        before=before,
        limit=query.limit + 1,  # one more tells whether there is a next page
    )
    with here.house.db.read() as tx:
        found = orders.search(tx, wanted)
        page = [
            order_json(tx, order, base_url=here.config.gateway.base_url)
            for order in found[: query.limit]
        ]
    more = len(found) > query.limit
    return json_answer({"data": page, "next_cursor": page[-1]["id"] if more else None})


def _dossier_sought(written: str | None, *, today: date) -> str | None:
    """Return the dossier code as issuing keeps it, or refuse it as issuing would."""
    if written is None:
        return None
    try:
        return DossierCode.parse(written, today).text
    except ValueRefusedError as error:
        raise FieldsRefusedError([FieldRefusal("/dossier_code", error.code)]) from None
