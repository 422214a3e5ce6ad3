"""Issue a fee order: freeze what is owed, for whom and by when, and hold its key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.clock import business_date
from paygate.domain.codes import CodePrefix, make_code
from paygate.domain.dossier import DossierCode
from paygate.domain.errors import (
    AlreadyPaidError,
    LiveOrderExistsError,
    ReturnUrlRefusedError,
    UnknownAgencyError,
    ValueRefusedError,
)
from paygate.domain.ids import OrderId
from paygate.domain.money import ZERO, Money, total
from paygate.domain.notice import Notice
from paygate.domain.order import FeeKind, OrderState, Purpose
from paygate.domain.origin import origin_of
from paygate.domain.party import Party, RefundAccount
from paygate.services.move_order import tell_portal
from paygate.services.register_refund_account import register_refund_account
from paygate.store import (
    agencies,
    audit,
    beneficiary_accounts,
    lines,
    live_orders,
    orders,
    portals,
    sealed,
)
from paygate.store.lines import FeeLine
from paygate.store.live_orders import LiveKey
from paygate.store.orders import FeeOrder
from paygate.store.portals import Portal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWanted:
    """One fee that the portal asks for."""

    kind: FeeKind
    code: str
    name: str
    amount: Money
    beneficiary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why nothing is owed, and by which law."""

    reason_code: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWanted:
    """What a portal wants a citizen to pay."""

    portal: Portal
    dossier: DossierCode
    procedure_code: str | None = None
    procedure_name: str | None = None
    purpose: Purpose
    description: str | None = None
    language: str = "vi"
    lines: tuple[LineWanted, ...]
    payer: Party | None = None
    applicant: Party | None = None
    collecting_agency: str | None = None
    exemption: Exemption | None = None
    refund_account: RefundAccount | None = None
    return_url: str | None = None
    expires_in: timedelta
    metadata: Mapping[str, str]


def issue_order(tx: sa.Connection, act: Act, vault: Vault, wanted: OrderWanted) -> FeeOrder:
    """Return the new order, open, or exempt where nothing is owed.

    Raises:
        LiveOrderExistsError, AlreadyPaidError: the dossier has such an order of this purpose.
        UnknownAgencyError: an agency is not in the register, or not valid today.
        ReturnUrlRefusedError: the citizen would be led outside the portal.
        ValueRefusedError: codes `amount_zero_without_exemption`, `exemption_with_amount`,
            `collecting_agency_ambiguous`, `line_code_repeated`.
    """
    today = business_date(act.now)
    collecting = _check(tx, wanted, today)
    order = _order(tx, act, vault, wanted, collecting)
    orders.add(tx, order)
    lines.add(tx, _lines(tx, order, wanted, today))
    if wanted.refund_account is not None:
        register_refund_account(tx, act, vault, order.id, wanted.refund_account)
    if order.state is OrderState.EXEMPT:
        tell_portal(tx, act, order, Notice.ORDER_EXEMPT)
    else:
        _hold_key(tx, order)
    audit.note(
        tx,
        act,
        stream=f"order:{order.id}",
        action="order.issued",
        subject=f"order:{order.id}",
        facts={
            "agency": collecting,
            "amount": order.amount.dong,
            "dossier": order.dossier_code,
            "purpose": order.purpose.value,
        },
    )
    return order


def _check(tx: sa.Connection, wanted: OrderWanted, today: date) -> str:
    """Refuse what cannot be issued, and return the collecting agency."""
    owed = total(tuple(line.amount for line in wanted.lines))
    if owed == ZERO and wanted.exemption is None:
        raise ValueRefusedError("amount_zero_without_exemption")
    if owed != ZERO and wanted.exemption is not None:
        raise ValueRefusedError("exemption_with_amount")
    if len({line.code for line in wanted.lines}) != len(wanted.lines):
        raise ValueRefusedError("line_code_repeated")
    if wanted.return_url is not None:
        allowed = portals.origins_of(tx, wanted.portal.id)
        if origin_of(wanted.return_url) not in allowed:
            raise ReturnUrlRefusedError
    beneficiaries = {line.beneficiary for line in wanted.lines}
    if wanted.collecting_agency is None and len(beneficiaries) > 1:
        raise ValueRefusedError("collecting_agency_ambiguous")
    collecting = wanted.collecting_agency or wanted.lines[0].beneficiary
    for code in sorted({*beneficiaries, collecting}):
        agency = agencies.get(tx, code)
        if agency is None or not agency.is_valid_on(today):
            raise UnknownAgencyError(agency=code)
    return collecting


def _order(
    tx: sa.Connection, act: Act, vault: Vault, wanted: OrderWanted, collecting: str
) -> FeeOrder:
    order_id = OrderId(act.ids.new("ord", act.now))
    owed = total(tuple(line.amount for line in wanted.lines))
    applicant = wanted.applicant or wanted.payer

    def seal(column: str, party: Party | None) -> str | None:
        if party is None:
            return None
        owner = sealed.Owner(orders.table.name, order_id, column)
        plain = json.dumps(party.to_json(), ensure_ascii=False).encode()
        return sealed.seal(tx, vault, owner, plain, act=act)

    return FeeOrder(
        id=order_id,
        code=make_code(CodePrefix.ORDER, act.ids.code_payload()),
        portal_id=wanted.portal.id,
        dossier_code=wanted.dossier.text,
        dossier_canonical=wanted.dossier.canonical,
        procedure_code=wanted.procedure_code,
        procedure_name=wanted.procedure_name,
        purpose=wanted.purpose,
        description=wanted.description or describe(wanted),
        language=wanted.language,
        amount=owed,
        collecting_agency=collecting,
        exemption_reason=None if wanted.exemption is None else wanted.exemption.reason_code,
        exemption_basis=None if wanted.exemption is None else wanted.exemption.legal_basis,
        payer_sealed=seal("payer_sealed", wanted.payer),
        applicant_sealed=seal("applicant_sealed", applicant),
        return_url=wanted.return_url,
        extra=json.dumps(dict(wanted.metadata), ensure_ascii=False, sort_keys=True),
        checkout_token=act.ids.token(),
        status_token=act.ids.token(),
        state=OrderState.OPEN if owed else OrderState.EXEMPT,
        version=1,
        created_at=act.now,
        expires_at=act.now + wanted.expires_in,
    )


def _lines(
    tx: sa.Connection, order: FeeOrder, wanted: OrderWanted, today: date
) -> tuple[FeeLine, ...]:
    made = []
    for line_no, line in enumerate(wanted.lines, start=1):
        account = beneficiary_accounts.effective(
            beneficiary_accounts.of_agency(tx, line.beneficiary),
            procedure_code=wanted.procedure_code,
            fee_kind=line.kind,
            day=today,
        )
        made.append(
            FeeLine(
                order_id=order.id,
                line_no=line_no,
                kind=line.kind,
                code=line.code,
                name=line.name,
                amount=line.amount,
                beneficiary=line.beneficiary,
                beneficiary_account_id=None if account is None else account.id,
            )
        )
    return tuple(made)


def _hold_key(tx: sa.Connection, order: FeeOrder) -> None:
    key = LiveKey(portal_id=order.portal_id, payable=order.dossier_code, purpose=order.purpose)
    holder_id = live_orders.hold(tx, key, order.id)
    if holder_id is None:
        return
    holder = orders.get(tx, holder_id)
    if holder is not None and holder.state is OrderState.PAID:
        raise AlreadyPaidError(order_id=holder_id)
    raise LiveOrderExistsError(order_id=holder_id)


# What citizens, and the rails' pages, read of an order: the deck's sentence, nothing personal.
_NOUNS = {
    FeeKind.PHI: "phí",
    FeeKind.LE_PHI: "lệ phí",
    FeeKind.PHAT: "tiền phạt",
    FeeKind.NGHIA_VU_TC: "nghĩa vụ tài chính",
    FeeKind.AN_PHI: "án phí",
    FeeKind.CUOC_BUU_CHINH: "cước bưu chính",
    FeeKind.DICH_VU: "tiền dịch vụ",
}


def describe(wanted: OrderWanted) -> str:
    """Return `Thanh toán lệ phí cho hồ sơ …`, naming each kind once, in the deck's order."""
    kinds = {line.kind for line in wanted.lines}
    nouns = ", ".join(noun for kind, noun in _NOUNS.items() if kind in kinds)
    return f"Thanh toán {nouns} cho hồ sơ {wanted.dossier.text}"
