"""What the API answers, for its description alone: tests compare every answer with these.

The answers themselves are written by hand, beside what they are read from.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from paygate.domain.money import DONG_MAX
from paygate.domain.order import FeeKind, OrderState, Purpose
from paygate.domain.payable import PayableType
from paygate.domain.payment import BankState, PaymentState, SettlementState
from paygate.store.deliveries import DeliveryState
from providers.contract import RailKind


class Out(BaseModel):
    """A part of an answer, with all that it holds."""

    model_config = ConfigDict(extra="forbid")


Dong = Annotated[int, Field(ge=0, le=DONG_MAX)]


class DossierOut(Out):
    """The dossier, its code as it is kept."""

    code: str
    procedure_code: str | None
    procedure_name: str | None


class PayableRefOut(Out):
    """The paper that is paid instead, without what is personal of it."""

    type: PayableType
    code: str
    fields: dict[str, str]


class LineOut(Out):
    """One fee."""

    kind: FeeKind
    code: str
    name: str
    amount: Dong
    beneficiary: str
    legal_basis: str | None
    rule_id: str | None
    rule_differs: bool | None
    full_amount: Dong | None
    reduction: Dong | None
    reduction_basis: str | None


class ExemptionOut(Out):
    """Why nothing is owed."""

    reason_code: str
    legal_basis: str


class RefundAccountOut(Out):
    """Where a refund would go; of the number the last four digits."""

    bank_bin: str
    account_number: str


class AttemptOut(Out):
    """One attempt to pay: three facts, never one status."""

    id: str
    account: str
    bank: str | None
    amount: Dong
    payment_state: PaymentState
    settlement_state: SettlementState
    bank_state: BankState
    created_at: AwareDatetime


class OrderOut(Out):
    """An order as it stands in the book."""

    object: Literal["order"]
    id: str
    code: str
    state: OrderState
    purpose: Purpose
    description: str
    language: Literal["vi", "en"]
    amount: Dong
    currency: Literal["VND"]
    checkout_url: str | None
    status_url: str
    refund_account_url: str | None
    dossier: DossierOut | None
    payable_ref: PayableRefOut | None
    lines: list[LineOut]
    collecting_agency: str
    exemption: ExemptionOut | None
    refund_account: RefundAccountOut | None
    refundable_amount: Dong
    refund_state: Literal["none", "partial", "full"]
    attempts: list[AttemptOut]
    return_url: str | None
    metadata: dict[str, str]
    created_at: AwareDatetime
    expires_at: AwareDatetime
    paid_at: AwareDatetime | None
    payment_reversed: bool
    cancelling: bool
    version: int = Field(ge=1)


class OrderPage(Out):
    """Orders, newest first."""

    data: list[OrderOut]
    next_cursor: str | None


class BankOut(Out):
    """A bank that the citizen may choose beforehand."""

    code: str
    name_vi: str
    name_en: str


class MethodOut(Out):
    """A way to pay."""

    object: Literal["method"]
    method: str
    rail: str
    kind: RailKind
    label_vi: str
    label_en: str
    amount_min: Dong
    amount_max: Dong
    banks: list[BankOut]


class MethodPage(Out):
    """The ways to pay that citizens would be offered."""

    data: list[MethodOut]
    next_cursor: None


class EventDataOut(Out):
    """What an event says; `version` grows with every event of the order."""

    object: Literal["order"]
    id: str
    order_id: str
    order_code: str
    dossier_code: str
    payable_type: PayableType = Field(default=None)  # type: ignore[assignment]  # or absent
    state: OrderState
    amount: Dong
    version: int = Field(ge=1)


class EventDeliveryOut(Out):
    """Where an event stands at one endpoint."""

    endpoint_id: str
    status: DeliveryState


class EventOut(Out):
    """One thing that the portal was to be told; `id` is its `webhook-id`."""

    object: Literal["event"]
    id: str
    type: str
    version: int = Field(ge=1)
    timestamp: AwareDatetime
    data: EventDataOut
    deliveries: list[EventDeliveryOut]


class EventPage(Out):
    """Events of an order, oldest first."""

    data: list[EventOut]
    next_cursor: None


class ReceiptPage(Out):
    """Receipts of an order: none are issued yet."""

    data: list[dict[str, Any]] = Field(max_length=0)
    next_cursor: None


class EndpointOut(Out):
    """An address at which the portal is told."""

    object: Literal["webhook_endpoint"]
    id: str
    url: str
    enabled: bool
    created_at: AwareDatetime
    old_secret_ends_at: AwareDatetime | None


class EndpointWithSecretOut(EndpointOut):
    """An endpoint and its newest secret; null in a replay once that signs no more."""

    secret: str | None


class EndpointPage(Out):
    """All endpoints of the portal, oldest first."""

    data: list[EndpointOut]
    next_cursor: None


class TryOut(Out):
    """One try: an HTTP status, or one word for what went wrong on the way."""

    at: AwareDatetime
    status_code: int | None
    error: str | None


class DeliveryOut(Out):
    """A message on its way to one endpoint."""

    endpoint_id: str
    status: DeliveryState
    next_try_at: AwareDatetime | None
    tries: list[TryOut]


class MessageOut(Out):
    """A message to the portal; a ping is of no order."""

    object: Literal["webhook_message"]
    id: str
    type: str
    order_id: str | None
    version: int | None
    created_at: AwareDatetime
    deliveries: list[DeliveryOut]


class MessagePage(Out):
    """Messages, newest first."""

    data: list[MessageOut]
    next_cursor: str | None


class RefusedFieldOut(Out):
    """One field that was refused: where it is (RFC 6901), and why."""

    pointer: str
    code: str
    message: str
    message_vi: str


class ProblemOut(BaseModel):
    """A refusal (RFC 9457); what was sent is never repeated.

    Beside these there may be facts such as `order_id` or `endpoint_id`: what stands in the way.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[RefusedFieldOut]
    message_vi: str
    request_id: str


class DocumentOut(BaseModel):
    """This description."""

    openapi: Literal["3.1.0"]
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]
