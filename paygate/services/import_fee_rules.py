"""Import fee rules from a CSV: all of it, or nothing and why; what changes ends what was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from paygate.domain.act import Act
from paygate.domain.fee_rule import PERCENT, Channel, FeeKey, RefundPolicy, overlap, share
from paygate.domain.money import ZERO, Money
from paygate.services.csv_rows import CsvRow, FileUnreadableError, Finding, csv_rows
from paygate.store import agencies, audit, fee_rules
from paygate.store.fee_rules import FeeRule

COLUMNS = (
    "procedure_code",
    "case_code",
    "fee_code",
    "agency",
    "channel",
    "applicant_category",
    "valid_from",
    "valid_to",
    "amount",
    "percent",
    "unit",
    "cap",
    "refund_policy",
    "legal_basis",
    "source",
)
NEEDED = ("fee_code", "valid_from", "amount", "refund_policy", "legal_basis")
CODE_LENGTH_MAX = 50
TEXT_LENGTH_MAX = 500
_DAY = timedelta(days=1)
_RANGE_ENDS = 2
_PERCENTAGES = frozenset(map(str, range(1, PERCENT + 1)))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One row, by its number in the file; the rule has no id before it is kept."""

    number: int
    rule: FeeRule


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that the file adds, and the one that it ends or, from its first day, replaces."""

    row: RuleRow
    ends: FeeRule | None = None
    replaces: FeeRule | None = None

    def line(self) -> str:
        """Return the change as an operator reads it."""
        rule = self.row.rule
        text = f"row {self.row.number}: {rule.fee_code} from {rule.valid_from}: {rule.price}"
        if self.ends is not None:
            last_day = rule.valid_from - _DAY
            return f"{text}; ends {self.ends.price} of {self.ends.valid_from} on {last_day}"
        if self.replaces is not None:
            return f"{text}; replaces {self.replaces.price} from its first day"
        return text


def read_fee_rules(content: bytes, *, now: datetime) -> tuple[RuleRow, ...]:
    """Return the rules of a CSV in UTF-8 with the columns of `COLUMNS`.

    Raises:
        FileUnreadableError: with every finding; `overlaps_row_N` names the other row.
    """
    findings: list[Finding] = []
    rows: list[RuleRow] = []
    by_key: dict[FeeKey, list[RuleRow]] = {}
    for row in csv_rows(content, columns=COLUMNS, needed=NEEDED, findings=findings):
        rule = _read_rule(row, now, findings)
        if rule is None:
            continue
        made = RuleRow(row.number, rule)
        same = by_key.setdefault(rule.key, [])
        findings += [
            Finding(row.number, "valid_from", f"overlaps_row_{each.number}")
            for each in same
            if overlap(each.rule.validity, rule.validity)
        ]
        same.append(made)
        rows.append(made)
    if findings:
        raise FileUnreadableError(findings)
    return tuple(rows)


def changes(tx: sa.Connection, rows: tuple[RuleRow, ...]) -> tuple[RuleChange, ...]:
    """Return what the file says otherwise than the rules that are kept.

    Raises:
        FileUnreadableError: `agency_unknown`, or `overlaps_later_rule`: what would go on for ever
            runs into a rule that is kept from a later day on.
    """
    findings: list[Finding] = []
    known: dict[FeeKey, list[FeeRule]] = {}
    for rule in fee_rules.current(tx):
        known.setdefault(rule.key, []).append(rule)
    named = {each.rule.agency for each in rows if each.rule.agency is not None}
    strangers = {code for code in named if agencies.get(tx, code) is None}
    found: list[RuleChange] = []
    for row in sorted(rows, key=lambda each: each.rule.valid_from):
        if row.rule.agency in strangers:
            findings.append(Finding(row.number, "agency", "agency_unknown"))
        change = _change(row, known.setdefault(row.rule.key, []), findings)
        if change is not None:
            found.append(change)
    if findings:
        raise FileUnreadableError(findings)
    return tuple(found)


def import_fee_rules(
    tx: sa.Connection, act: Act, rows: tuple[RuleRow, ...]
) -> tuple[RuleChange, ...]:
    """Keep what is new or changed, and return it; the same file again changes nothing.

    Raises:
        FileUnreadableError: as `changes`.
    """
    new = changes(tx, rows)
    for change in new:
        rule = replace(change.row.rule, id=act.ids.new("fru", act.now))
        if change.ends is not None:
            fee_rules.end(tx, change.ends.id, last_day=rule.valid_from - _DAY)
        if change.replaces is not None:
            fee_rules.replace_at(tx, change.replaces.id, at=act.now)
        fee_rules.add(tx, rule)
        audit.note(
            tx,
            act,
            stream="fee_rules",
            action="fee_rule.set",
            subject=f"fee_rule:{rule.id}",
            facts={
                "fee_code": rule.fee_code,
                "valid_from": rule.valid_from.isoformat(),
                "price": str(rule.price),
                "ends": None if change.ends is None else change.ends.id,
                "replaces": None if change.replaces is None else change.replaces.id,
            },
        )
    return new


def _change(row: RuleRow, same: list[FeeRule], findings: list[Finding]) -> RuleChange | None:
    """Return what *row* changes of the rules of its key, and take from *same* what it ends."""
    rule = row.rule
    touched = [each for each in same if overlap(each.validity, rule.validity)]
    if any(_says_the_same(each, rule) for each in touched):
        return None
    if any(each.valid_from > rule.valid_from for each in touched):
        findings.append(Finding(row.number, "valid_to", "overlaps_later_rule"))
        return None
    if not touched:
        return RuleChange(row)
    [old] = touched  # kept rules of one key do not overlap, and rows of one file do not either
    same.remove(old)
    if old.valid_from == rule.valid_from:
        return RuleChange(row, replaces=old)
    return RuleChange(row, ends=old)


def _says_the_same(kept: FeeRule, given: FeeRule) -> bool:
    return replace(given, id=kept.id, imported_at=kept.imported_at) == kept


def _read_rule(row: CsvRow, now: datetime, findings: list[Finding]) -> FeeRule | None:
    """Return the rule, or add what is wrong with it to *findings*."""
    before = len(findings)
    first, last = row.day("valid_from", findings), row.day("valid_to", findings)
    if not row.cells["valid_from"]:
        findings.append(Finding(row.number, "valid_from", "valid_from_empty"))
    if first and last and last < first:
        findings.append(Finding(row.number, "valid_to", "before_valid_from"))
    channel, policy = row.cells.get("channel"), row.cells["refund_policy"]
    if channel and channel not in set(Channel):
        findings.append(Finding(row.number, "channel", "channel_unknown"))
    if policy not in set(RefundPolicy):
        findings.append(Finding(row.number, "refund_policy", "refund_policy_unknown"))
    unit = row.maybe_text("unit", CODE_LENGTH_MAX, findings)
    lowest, highest = _read_price(row, unit, findings)
    procedure, case, agency, category = (
        row.maybe_text(name, CODE_LENGTH_MAX, findings)
        for name in ("procedure_code", "case_code", "agency", "applicant_category")
    )
    fee_code = row.text("fee_code", CODE_LENGTH_MAX, findings)
    basis = row.text("legal_basis", TEXT_LENGTH_MAX, findings)
    source = row.maybe_text("source", TEXT_LENGTH_MAX, findings) or ""
    if first is None or len(findings) > before:
        return None
    return FeeRule(
        id="",
        fee_code=fee_code,
        procedure_code=procedure,
        case_code=case,
        agency=agency,
        applicant_category=category,
        channel=Channel(channel) if channel else None,
        valid_from=first,
        valid_to=last,
        lowest=lowest,
        highest=highest,
        unit=unit,
        refund_policy=RefundPolicy(policy),
        legal_basis=basis,
        source=source,
        imported_at=now,
    )


def _read_price(
    row: CsvRow, unit: str | None, findings: list[Finding]
) -> tuple[Money, Money | None]:
    """Return both ends of the price: `200000`, `25000-100000`, or a unit's with its cap."""
    before = len(findings)
    ends = [_read_money(row, "amount", each, findings) for each in row.cells["amount"].split("-")]
    cap_text = row.cells.get("cap", "")
    cap = _read_money(row, "cap", cap_text, findings) if cap_text else None
    percent = row.cells.get("percent") or str(PERCENT)
    if percent not in _PERCENTAGES:
        findings.append(Finding(row.number, "percent", "not_a_percentage"))
    if len(findings) > before:
        return ZERO, None
    if len(ends) > _RANGE_ENDS or ends[-1] < ends[0]:
        findings.append(Finding(row.number, "amount", "not_a_range"))
    if unit is None and cap is not None:
        findings.append(Finding(row.number, "cap", "cap_without_unit"))
    if unit is not None and (len(ends) > 1 or ends[0] == ZERO):
        findings.append(Finding(row.number, "unit", "unit_needs_one_amount"))
    if cap is not None and cap < ends[0]:
        findings.append(Finding(row.number, "cap", "cap_below_amount"))
    if len(findings) > before:
        return ZERO, None
    ends = [share(each, int(percent)) for each in ends]
    return ends[0], (cap if unit is not None else ends[-1])


def _read_money(row: CsvRow, column: str, text: str, findings: list[Finding]) -> Money:
    try:
        return Money.parse(text.strip())
    except ValueError:
        findings.append(Finding(row.number, column, "not_whole_dong"))
        return ZERO
