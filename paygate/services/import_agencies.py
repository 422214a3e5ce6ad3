"""Import agencies and their beneficiary accounts from a CSV: all of it, or nothing and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.order import FeeKind
from paygate.domain.text import clean_text
from paygate.services.csv_rows import CsvRow, FileUnreadableError, Finding, csv_rows
from paygate.store import agencies, audit, beneficiary_accounts, sealed
from paygate.store.agencies import Agency
from paygate.store.beneficiary_accounts import BeneficiaryAccount

COLUMNS = ("code", "name", "parent", "successor", "valid_from", "valid_to")
ACCOUNT_COLUMNS = ("bank", "account_number", "account_holder", "procedure_code", "fee_kind")
CODE_LENGTH_MAX = 50
TEXT_LENGTH_MAX = 200
NUMBER_LENGTH_MAX = 40
NUMBER_LENGTH_MIN = 6  # the last four stand in clear: they must not be nearly all


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One row, by its number in the file: an agency, and perhaps an account of it."""

    number: int
    agency: Agency
    account: Mapping[str, str] | None


def read_agencies(content: bytes) -> tuple[AgencyRow, ...]:
    """Return the rows of a CSV in UTF-8 with the columns of `COLUMNS` and `ACCOUNT_COLUMNS`.

    Raises:
        FileUnreadableError: with every finding.
    """
    findings: list[Finding] = []
    found = csv_rows(
        content,
        columns=(*COLUMNS, *ACCOUNT_COLUMNS),
        needed=("code", "name"),
        findings=findings,
    )
    rows: list[AgencyRow] = []
    agencies_read: dict[str, Agency] = {}
    for each in found:
        row = _read_row(each, findings)
        if row is None:
            continue
        # Several rows may name several accounts of one agency, and must agree on the agency.
        if agencies_read.setdefault(row.agency.code, row.agency) != row.agency:
            findings.append(Finding(each.number, "code", "contradicts_row_above"))
        rows.append(row)
    if findings:
        raise FileUnreadableError(findings)
    return tuple(rows)


def import_agencies(tx: sa.Connection, act: Act, vault: Vault, rows: tuple[AgencyRow, ...]) -> int:
    """Keep what is new or changed, and return how many agencies there were in the file.

    Accounts wait for a second person's approval.

    Raises:
        FileUnreadableError: a parent or successor is neither in the file nor in the register.
    """
    _check_relatives(tx, rows)
    new: set[str] = set()
    for row in rows:
        # Relatives may stand further down, so everybody is first there without them.
        if agencies.get(tx, row.agency.code) is None:
            agencies.put(tx, replace(row.agency, parent=None, successor=None))
            new.add(row.agency.code)
    for row in rows:
        if agencies.put(tx, row.agency) or row.agency.code in new:
            new.discard(row.agency.code)
            audit.note(
                tx,
                act,
                stream=f"agency:{row.agency.code}",
                action="agency.set",
                subject=f"agency:{row.agency.code}",
            )
        if row.account is not None:
            _propose(tx, act, vault, row.agency, row.account)
    return len(rows)


def _check_relatives(tx: sa.Connection, rows: tuple[AgencyRow, ...]) -> None:
    codes = {row.agency.code for row in rows}
    findings = [
        Finding(row.number, column, f"{column}_unknown")
        for row in rows
        for column, code in (("parent", row.agency.parent), ("successor", row.agency.successor))
        if code is not None and code not in codes and agencies.get(tx, code) is None
    ]
    if findings:
        raise FileUnreadableError(findings)


def _read_row(row: CsvRow, findings: list[Finding]) -> AgencyRow | None:
    """Return the row, or add what is wrong with it to *findings*."""
    before = len(findings)
    number, given = row.number, row.cells
    first, last = row.day("valid_from", findings), row.day("valid_to", findings)
    for column, longest in (("code", CODE_LENGTH_MAX), ("name", TEXT_LENGTH_MAX)):
        given[column] = row.text(column, longest, findings)
    if first and last and last < first:
        findings.append(Finding(number, "valid_to", "before_valid_from"))
    kind = given.get("fee_kind", "")
    if kind and kind not in set(FeeKind):
        findings.append(Finding(number, "fee_kind", "fee_kind_unknown"))
    account = _account_fields(number, given, findings)
    if len(findings) > before:
        return None
    agency = Agency(
        code=given["code"],
        name=given["name"],
        parent=given.get("parent") or None,
        successor=given.get("successor") or None,
        valid_from=first,
        valid_to=last,
    )
    return AgencyRow(number, agency, account)


def _account_fields(
    number: int, given: Mapping[str, str], findings: list[Finding]
) -> Mapping[str, str] | None:
    account = {name: given.get(name, "") for name in ACCOUNT_COLUMNS}
    needed = ("bank", "account_number", "account_holder")
    if not any(account.values()):
        return None
    for name in ACCOUNT_COLUMNS:
        if account[name] or name in needed:
            longest = NUMBER_LENGTH_MAX if name == "account_number" else TEXT_LENGTH_MAX
            try:
                account[name] = clean_text(name, account[name], longest)
            except ValueRefusedError as error:
                findings.append(Finding(number, name, error.code))
    account["account_number"] = account["account_number"].replace(" ", "")
    if 0 < len(account["account_number"]) < NUMBER_LENGTH_MIN:
        findings.append(Finding(number, "account_number", "account_number_too_short"))
    return account


def _propose(
    tx: sa.Connection, act: Act, vault: Vault, agency: Agency, given: Mapping[str, str]
) -> None:
    """Keep an account until a second person approves it (DESIGN 2.16); the same one is no news."""
    table = beneficiary_accounts.table.name
    number = given["account_number"]
    index = sealed.blind_index(vault, table, "number_index", number)
    kind = FeeKind(given["fee_kind"]) if given["fee_kind"] else None
    procedure = given["procedure_code"] or None
    same = any(
        (each.bank, each.number_index, each.fee_kind, each.procedure_code)
        == (given["bank"], index, kind, procedure)
        for each in beneficiary_accounts.of_agency(tx, agency.code)
    )
    if same:
        return
    account_id = act.ids.new("bac", act.now)
    owner = sealed.Owner(table, account_id, "number_sealed")
    account = BeneficiaryAccount(
        id=account_id,
        agency=agency.code,
        procedure_code=procedure,
        fee_kind=kind,
        bank=given["bank"],
        holder=given["account_holder"],
        number_sealed=sealed.seal(tx, vault, owner, number.encode(), act=act),
        number_index=index,
        last4=number[-4:],
        valid_from=agency.valid_from,
        valid_to=agency.valid_to,
        proposed_by=act.actor,
        proposed_at=act.now,
    )
    beneficiary_accounts.add(tx, account)
    audit.note(
        tx,
        act,
        stream=f"agency:{agency.code}",
        action="beneficiary_account.proposed",
        subject=f"beneficiary_account:{account_id}",
        facts={"bank": account.bank, "fee_kind": given["fee_kind"], "procedure": procedure},
    )
