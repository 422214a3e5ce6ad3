"""Import agencies and their beneficiary accounts from a CSV: all of it, or nothing and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from paygate.config import Vault
from paygate.domain.act import Act
from paygate.domain.errors import ValueRefusedError
from paygate.domain.order import FeeKind
from paygate.domain.text import clean_text
from paygate.store import agencies, audit, beneficiary_accounts, sealed
from paygate.store.agencies import Agency
from paygate.store.beneficiary_accounts import BeneficiaryAccount

COLUMNS = ("code", "name", "parent", "successor", "valid_from", "valid_to")
ACCOUNT_COLUMNS = ("bank", "account_number", "account_holder", "procedure_code", "fee_kind")
ROWS_MAX = 100_000
CODE_LENGTH_MAX = 50
NUMBER_LENGTH_MAX = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that cannot be read, by its number in the file (the head is row 1)."""

    row: int
    column: str
    code: str


class AgenciesUnreadableError(Exception):
    """Some rows cannot be read, and nothing was kept."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One row: an agency, and perhaps an account of it."""

    agency: Agency
    account: Mapping[str, str] | None


def read_agencies(content: bytes) -> tuple[AgencyRow, ...]:
    """Return the rows of a CSV in UTF-8 with the columns of `COLUMNS` and `ACCOUNT_COLUMNS`.

    Raises:
        AgenciesUnreadableError: with every finding.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise AgenciesUnreadableError([Finding(0, "", "not_utf8")]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    head = tuple(reader.fieldnames or ())
    unknown = set(head) - set(COLUMNS) - set(ACCOUNT_COLUMNS)
    missing = {"code", "name"} - set(head)
    findings = [Finding(1, each, "column_unknown") for each in sorted(unknown)]
    findings += [Finding(1, each, "column_missing") for each in sorted(missing)]
    if findings:
        raise AgenciesUnreadableError(findings)
    rows: list[AgencyRow] = []
    for number, fields in enumerate(reader, start=2):
        if number > ROWS_MAX:
            findings.append(Finding(number, "", "too_many_rows"))
            break
        row = _read_row(number, fields, findings)
        if row is not None:
            rows.append(row)
    if findings:
        raise AgenciesUnreadableError(findings)
    return tuple(rows)


def import_agencies(tx: sa.Connection, act: Act, vault: Vault, rows: tuple[AgencyRow, ...]) -> int:
    """Keep what is new or changed, and return how many agencies there were in the file.

    Accounts wait for a second person's approval.

    Raises:
        AgenciesUnreadableError: a parent or successor is neither in the file nor in the register.
    """
    _check_relatives(tx, rows)
    for row in rows:
        # Relatives may stand further down, so everybody is first there without them.
        if agencies.get(tx, row.agency.code) is None:
            agencies.put(tx, replace(row.agency, parent=None, successor=None))
    for row in rows:
        if agencies.put(tx, row.agency):
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
        Finding(number, column, f"{column}_unknown")
        for number, row in enumerate(rows, start=2)
        for column, code in (("parent", row.agency.parent), ("successor", row.agency.successor))
        if code is not None and code not in codes and agencies.get(tx, code) is None
    ]
    if findings:
        raise AgenciesUnreadableError(findings)


def _read_row(
    number: int, fields: Mapping[str | None, str | list[str] | None], findings: list[Finding]
) -> AgencyRow | None:
    """Return the row, or add what is wrong with it to *findings*."""
    before = len(findings)
    if None in fields or None in fields.values():
        findings.append(Finding(number, "", "wrong_number_of_columns"))
        return None
    given = {str(name): str(value).strip() for name, value in fields.items()}
    days: dict[str, date | None] = {}
    for column in ("valid_from", "valid_to"):
        try:
            text = given.get(column, "")
            days[column] = date.fromisoformat(text) if text else None
        except ValueError:
            findings.append(Finding(number, column, "not_a_date"))
    for column, longest in (("code", CODE_LENGTH_MAX), ("name", 200)):
        try:
            given[column] = clean_text(column, given[column], longest)
        except ValueRefusedError as error:
            findings.append(Finding(number, column, error.code))
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
        valid_from=days["valid_from"],
        valid_to=days["valid_to"],
    )
    return AgencyRow(agency, account)


def _account_fields(
    number: int, given: Mapping[str, str], findings: list[Finding]
) -> Mapping[str, str] | None:
    account = {name: given.get(name, "") for name in ACCOUNT_COLUMNS}
    needed = ("bank", "account_number", "account_holder")
    if not any(account.values()):
        return None
    findings += [Finding(number, name, f"{name}_empty") for name in needed if not account[name]]
    if len(account["account_number"]) > NUMBER_LENGTH_MAX:
        findings.append(Finding(number, "account_number", "account_number_too_long"))
    return account


def _propose(
    tx: sa.Connection, act: Act, vault: Vault, agency: Agency, given: Mapping[str, str]
) -> None:
    """Keep an account until a second person approves it (DESIGN 2.16); the same one is no news."""
    table = beneficiary_accounts.table.name
    number = given["account_number"].replace(" ", "")
    index = sealed.blind_index(vault, table, "number_index", number)
    kind = FeeKind(given["fee_kind"]) if given["fee_kind"] else None
    procedure = given["procedure_code"] or None
    same = any(
        (each.number_index, each.fee_kind, each.procedure_code) == (index, kind, procedure)
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
