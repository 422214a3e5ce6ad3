"""Guards over the memory: rows are their tables, each table has one writer and is migrated."""

import ast
import dataclasses
import importlib
import inspect
from pathlib import Path

import pytest
import sqlalchemy as sa

from paygate.store import schema

MODULES = [importlib.import_module(name) for name in schema.TABLE_MODULES]
ROOTS = ("paygate", "providers", "webhooks", "reconciliation", "reports")
SOURCES = [path for root in ROOTS for path in Path(root).rglob("*.py")]


def rows_and_tables():
    """Yield each frozen row beside the table that has as many of its names as any."""
    for module in MODULES:
        tables = [each for each in vars(module).values() if isinstance(each, sa.Table)]
        for name, row in inspect.getmembers(module, dataclasses.is_dataclass):
            if row.__module__ != module.__name__:
                continue
            fields = {each.name for each in dataclasses.fields(row)}
            for table in tables:
                if fields and fields == {column.name for column in table.columns}:
                    yield pytest.param(module, table, id=f"{module.__name__}.{name}")


def test_every_noun_has_a_row_that_is_its_table():
    covered = {param.values[1].name for param in rows_and_tables()}
    # Narrow tables that are written and asked, and never handed out as a row.
    bare = {"ledger_leg", "live_order", "portal_origin", "portal_payable", "job_run", "rate_window"}

    assert covered | bare == set(schema.metadata.tables)
    assert not covered & bare


def test_every_module_that_declares_a_table_is_migrated():
    declaring = {
        ".".join(path.with_suffix("").parts)
        for path in SOURCES
        if "sa.Table(" in path.read_text() and "migrations" not in path.parts
    }

    assert declaring == set(schema.TABLE_MODULES)


def test_a_table_is_written_by_the_module_that_declares_it_alone():
    writes = {"insert", "update", "delete"}
    for path in SOURCES:
        if path.parts[:2] in {("paygate", "store"), ("paygate", "ledger")}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in writes:
                owner = ast.unparse(node.value)
                assert not owner.endswith("table"), f"{path}:{node.lineno} writes {owner}"


def test_no_amount_is_a_floating_number():
    for table in schema.metadata.sorted_tables:
        for column in table.columns:
            assert not isinstance(column.type, (sa.Float, sa.Numeric)), column
