"""Issue a fee order: freeze what is owed, for whom and by when, and hold its key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.clock import business_date
from paygate.domain.codes import CodePrefix, make_code
from paygate.domain.dossier import DossierCode
from paygate.domain.errors import (
    AlreadyPaidError,
    AmountOffRuleError,
    LiveOrderExistsError,
    PayableTypeNotAllowedError,
    ReturnUrlRefusedError,
    UnknownAgencyError,
    ValueRefusedError,
)
from paygate.domain.fee_rule import FeeRuleUse
from paygate.domain.ids import OrderId
from paygate.domain.invariants import InvariantError, invariant
from paygate.domain.money import DONG_MAX, ZERO, Money, total
from paygate.domain.notice import Notice
from paygate.domain.order import IN_PARTS, FeeKind, OrderState, Purpose
from paygate.domain.origin import origin_of
from paygate.domain.party import Party, RefundAccount
from paygate.domain.payable import PayableRef, PayableType
from paygate.services.cap_expiry import cap_expiry
from paygate.services.match_fee_rules import FeeAsked, RuleMatch, match_fee_rules
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
    case_code: str | None = None  # of the fee rules, where the portal knows it
    applicant_category: str | None = None
    full_amount: Money | None = None  # before a reduction
    reduction_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Why nothing is owed, and by which law."""

    reason_code: str
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWanted:
    """What a portal wants a citizen to pay."""

    portal: Portal
    dossier: DossierCode | None = None
    payable: PayableRef | None = None  # instead of a dossier
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

    @property
    def code(self) -> str:
        """Return the code of what is paid for: a dossier, or a paper."""
        if self.payable is not None:
            invariant(self.dossier is None, "a dossier or a paper, never both")
            return self.payable.code
        if self.dossier is None:
            raise InvariantError("neither a dossier nor a paper")
        return self.dossier.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the house itself holds orders to."""

    fee_rules: FeeRuleUse = FeeRuleUse.NOTE
    court_notice_days: int = 7  # working days after a court's notice


def issue_order(
    tx: sa.Connection, act: Act, vault: Vault, wanted: OrderWanted, terms: Terms | None = None
) -> FeeOrder:
    """Return the new order, open, or exempt where nothing is owed.

    Raises:
        LiveOrderExistsError, AlreadyPaidError: the dossier has such an order of this purpose.
        PayableTypeNotAllowedError, PayableWindowOverError: of an order for a paper.
        AmountOffRuleError: an amount is not what the law says, and the house refuses that.
        UnknownAgencyError: an agency is not in the register, or not valid today.
        ReturnUrlRefusedError: the citizen would be led outside the portal.
        ValueRefusedError: codes `amount_zero_without_exemption`, `exemption_with_amount`,
            `amount_too_large`, `collecting_agency_ambiguous`, `line_code_repeated`,
            `reduction_incomplete`, `full_amount_not_above_amount`.
    """
    terms, today = terms or Terms(), business_date(act.now)
    collecting = _check(tx, wanted, today)
    matches = _matches(tx, wanted, today, terms.fee_rules)
    ends_at = _end(tx, act, wanted, terms)
    order = _order(tx, act, vault, wanted, collecting=collecting, ends_at=ends_at)
    orders.add(tx, order)
    lines.add(tx, _lines(tx, order, wanted, today, matches))
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
    _note_differences(tx, act, order, matches)
    return order


def _check(tx: sa.Connection, wanted: OrderWanted, today: date) -> str:
    """Refuse what cannot be issued, and return the collecting agency."""
    _check_amounts(wanted)
    if wanted.payable is not None:
        allowed_types = portals.payables_of(tx, wanted.portal.id)
        if wanted.payable.type not in allowed_types:
            raise PayableTypeNotAllowedError
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


def _check_amounts(wanted: OrderWanted) -> None:
    owed = total(tuple(line.amount for line in wanted.lines))
    if owed == ZERO and wanted.exemption is None:
        raise ValueRefusedError("amount_zero_without_exemption")
    if owed > Money(DONG_MAX):
        raise ValueRefusedError("amount_too_large")
    if owed != ZERO and wanted.exemption is not None:
        raise ValueRefusedError("exemption_with_amount")
    if len({line.code for line in wanted.lines}) != len(wanted.lines):
        raise ValueRefusedError("line_code_repeated")
    for line in wanted.lines:
        if (line.full_amount is None) != (line.reduction_basis is None):
            raise ValueRefusedError("reduction_incomplete")
        if line.full_amount is not None and line.full_amount <= line.amount:
            raise ValueRefusedError("full_amount_not_above_amount")


def _matches(
    tx: sa.Connection, wanted: OrderWanted, today: date, use: FeeRuleUse
) -> tuple[RuleMatch | None, ...]:
    """Return the rule of each line, or refuse where the house refuses amounts off the rules."""
    asked = tuple(
        FeeAsked(
            fee_code=line.code,
            agency=line.beneficiary,
            procedure_code=wanted.procedure_code,
            case_code=line.case_code,
            applicant_category=line.applicant_category,
            # A reduction and an exemption have a legal basis of their own.
            amount=None if wanted.exemption else line.full_amount or line.amount,
            is_part=wanted.purpose in IN_PARTS,
        )
        for line in wanted.lines
    )
    matches = match_fee_rules(tx, asked, day=today, use=use)
    if use is FeeRuleUse.REFUSE:
        off = {n: each.lawful for n, each in enumerate(matches) if each and each.differs}
        if off:
            raise AmountOffRuleError(off)
    return matches


def _end(tx: sa.Connection, act: Act, wanted: OrderWanted, terms: Terms) -> datetime:
    ends_at = act.now + wanted.expires_in
    if wanted.payable is None:
        return ends_at
    days = terms.court_notice_days
    return cap_expiry(tx, wanted.payable, ends_at, now=act.now, notice_days=days)


def _order(
    tx: sa.Connection,
    act: Act,
    vault: Vault,
    wanted: OrderWanted,
    *,
    collecting: str,
    ends_at: datetime,
) -> FeeOrder:
    order_id = OrderId(act.ids.new("ord", act.now))
    owed = total(tuple(line.amount for line in wanted.lines))
    paper = wanted.payable

    def seal(column: str, given: Mapping[str, str] | None) -> str | None:
        if not given:
            return None
        owner = sealed.Owner(orders.table.name, order_id, column)
        return sealed.seal(tx, vault, owner, _json(given).encode(), act=act)

    return FeeOrder(
        id=order_id,
        code=make_code(CodePrefix.ORDER, act.ids.code_payload()),
        portal_id=wanted.portal.id,
        dossier_code=wanted.code,
        dossier_canonical="".join(each for each in wanted.code if each.isalnum()),
        procedure_code=wanted.procedure_code,
        procedure_name=wanted.procedure_name,
        purpose=wanted.purpose,
        description=wanted.description or describe(wanted),
        language=wanted.language,
        amount=owed,
        collecting_agency=collecting,
        exemption_reason=None if wanted.exemption is None else wanted.exemption.reason_code,
        exemption_basis=None if wanted.exemption is None else wanted.exemption.legal_basis,
        payer_sealed=seal("payer_sealed", _clear(wanted.payer)),
        applicant_sealed=seal("applicant_sealed", _clear(wanted.applicant or wanted.payer)),
        return_url=wanted.return_url,
        extra=_json(wanted.metadata),
        checkout_token=act.ids.token(),
        status_token=act.ids.token(),
        state=OrderState.OPEN if owed else OrderState.EXEMPT,
        version=1,
        created_at=act.now,
        expires_at=ends_at,
        payable_type=None if paper is None else paper.type,
        payable_facts=None if paper is None else _json(paper.facts),
        payable_sealed=seal("payable_sealed", None if paper is None else paper.personal),
    )


def _clear(party: Party | None) -> Mapping[str, str] | None:
    return None if party is None else party.to_json()


def _json(given: Mapping[str, str]) -> str:
    return json.dumps(dict(given), ensure_ascii=False, sort_keys=True)


def _lines(
    tx: sa.Connection,
    order: FeeOrder,
    wanted: OrderWanted,
    today: date,
    matches: tuple[RuleMatch | None, ...],
) -> tuple[FeeLine, ...]:
    made = []
    for line_no, (line, match) in enumerate(zip(wanted.lines, matches, strict=True), start=1):
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
                rule_id=None if match is None else match.rule.id,
                legal_basis=None if match is None or match.differs else match.rule.legal_basis,
                rule_differs=match is not None and match.differs,
                full_amount=line.full_amount,
                reduction_basis=line.reduction_basis,
            )
        )
    return tuple(made)


def _note_differences(
    tx: sa.Connection, act: Act, order: FeeOrder, matches: tuple[RuleMatch | None, ...]
) -> None:
    """Write down which lines are not what the law says, once for the order."""
    off = {n: each for n, each in enumerate(matches, start=1) if each and each.differs}
    if not off:
        return
    audit.note(
        tx,
        act,
        stream=f"order:{order.id}",
        action="order.rule_differs",
        subject=f"order:{order.id}",
        facts={
            "lines": " ".join(map(str, off)),
            "rules": " ".join(each.rule.id for each in off.values()),
        },
    )


def _hold_key(tx: sa.Connection, order: FeeOrder) -> None:
    key = LiveKey(portal_id=order.portal_id, payable=order.payable, purpose=order.purpose)
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
    kind = None if wanted.payable is None else wanted.payable.type
    return f"Thanh toán {nouns} {_ABOUT[kind]} {wanted.code}"


_ABOUT = {
    None: "cho hồ sơ",
    PayableType.FINE_DECISION: "theo quyết định số",
    PayableType.TAX_NOTICE: "theo thông báo số",
    PayableType.COURT_NOTICE: "theo thông báo số",
}
