"""Find the rule of each line of an order, and say whether its amount is lawful."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from paygate.domain.fee_rule import Channel, FeeRuleUse
from paygate.domain.money import Money
from paygate.store import agencies, fee_rules
from paygate.store.fee_rules import FeeRule

OR = " / "  # between several lawful prices, in every language


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeAsked:
    """What a line says of itself; a case or category of None is not known."""

    fee_code: str
    agency: str  # the beneficiary
    procedure_code: str | None
    case_code: str | None
    applicant_category: str | None
    amount: Money | None  # before any reduction; None where nothing is to be compared
    is_part: bool = False  # of the fee: the rest is paid with another order


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """The rule of a line, whether the amount is another, and every amount that would not be."""

    rule: FeeRule
    differs: bool
    lawful: str


def match_fee_rules(
    tx: sa.Connection, asked: tuple[FeeAsked, ...], *, day: date, use: FeeRuleUse
) -> tuple[RuleMatch | None, ...]:
    """Return what the rules in force on *day* say of each line; None where there is no rule."""
    if use is FeeRuleUse.OFF:
        return (None,) * len(asked)
    rules = fee_rules.in_force(tx, frozenset(each.fee_code for each in asked), day=day)
    if not rules:
        return (None,) * len(asked)
    lines = {code: agencies.lineage(tx, code) for code in {each.agency for each in asked}}
    return tuple(_match(rules, each, lines[each.agency]) for each in asked)


def _match(
    rules: tuple[FeeRule, ...], asked: FeeAsked, lineage: tuple[str, ...]
) -> RuleMatch | None:
    """Return the nearest rule; of several for cases that nobody named, one that fits."""
    near = [each for each in rules if _is_about(each, asked, lineage)]
    if not near:
        return None
    nearest = min(_distance(each, asked, lineage) for each in near)
    left = [each for each in near if _distance(each, asked, lineage) == nearest]
    fitting = [each for each in left if _is_lawful(each, asked)]
    lawful = OR.join(dict.fromkeys(str(each.price) for each in left))
    return RuleMatch((fitting or left)[0], differs=not fitting, lawful=lawful)


def _is_lawful(rule: FeeRule, asked: FeeAsked) -> bool:
    if asked.amount is None:
        return True
    if asked.is_part:
        return rule.price.covers(asked.amount)
    return rule.price.allows(asked.amount)


def _is_about(rule: FeeRule, asked: FeeAsked, lineage: tuple[str, ...]) -> bool:
    # An order is always filed with a portal.
    pairs = (
        (rule.procedure_code, (asked.procedure_code,)),
        (rule.agency, lineage),
        (rule.channel, (Channel.ONLINE,)),
    )
    known = ((rule.case_code, asked.case_code), (rule.applicant_category, asked.applicant_category))
    return (
        rule.fee_code == asked.fee_code
        and all(mine is None or mine in theirs for mine, theirs in pairs)
        and all(mine is None or theirs is None or mine == theirs for mine, theirs in known)
    )


def _distance(rule: FeeRule, asked: FeeAsked, lineage: tuple[str, ...]) -> tuple[int, ...]:
    """Return how far a rule is from the line: agency before procedure, then the rest."""
    known = ((rule.case_code, asked.case_code), (rule.applicant_category, asked.applicant_category))
    return (
        len(lineage) if rule.agency is None else lineage.index(rule.agency),
        rule.procedure_code is None,
        rule.channel is None,
        *(theirs is not None and mine is None for mine, theirs in known),
    )
