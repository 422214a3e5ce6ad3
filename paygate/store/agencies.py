"""Agencies that collect fees, valid for a time, with their successors (DOMAIN 0.9)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from paygate.store.base import metadata, one, values

table = sa.Table(
    "agency",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("parent", sa.ForeignKey("agency.code")),
    sa.Column("successor", sa.ForeignKey("agency.code")),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_to", sa.Date),
    sa.CheckConstraint("valid_from IS NULL OR valid_to IS NULL OR valid_from <= valid_to", "valid"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """An agency under its own code; both ends of its validity belong to it."""

    code: str
    name: str
    parent: str | None = None
    successor: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Return whether orders may be issued for it on *day*."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


ADD = table.insert()
GET = sa.select(table).where(table.c.code == sa.bindparam("agency_code"))
ROOTS = sa.select(table.c.code).where(table.c.parent.is_(None)).order_by(table.c.code)
CHANGE = table.update().where(table.c.code == sa.bindparam("agency_code"))


def get(tx: sa.Connection, code: str) -> Agency | None:
    """Return the agency of that code."""
    return one(Agency, tx.execute(GET, {"agency_code": code}))


def put(tx: sa.Connection, agency: Agency) -> bool:
    """Keep *agency*, or change the one of its code; return whether anything was changed."""
    known = get(tx, agency.code)
    if known is None:
        tx.execute(ADD, values(agency))
        return True
    if known == agency:
        return False
    changed = {name: value for name, value in values(agency).items() if name != "code"}
    tx.execute(CHANGE.values(changed), {"agency_code": agency.code})
    return True


def below(codes: Collection[str]) -> sa.Select[tuple[str]]:
    """Return the question for *codes* and the codes of all below them."""
    top = sa.select(table.c.code).where(table.c.code.in_(sorted(codes)))
    seen = top.cte("seen", recursive=True)
    child = table.alias("child")
    tree = seen.union(sa.select(child.c.code).where(child.c.parent == seen.c.code))
    return sa.select(tree.c.code)


def roots(tx: sa.Connection) -> tuple[str, ...]:
    """Return the codes of the agencies that stand below none."""
    return tuple(tx.execute(ROOTS).scalars())


def lineage(tx: sa.Connection, code: str) -> tuple[str, ...]:
    """Return *code* and the codes of all above it, nearest first."""
    line: list[str] = []
    here: str | None = code
    while here is not None and here not in line:
        line.append(here)
        agency = get(tx, here)
        here = None if agency is None else agency.parent
    return tuple(line)
