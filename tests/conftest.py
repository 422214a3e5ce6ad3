"""Hypothesis profiles, the two databases, and a summary that says which of them ran."""

import os

import pytest
import structlog
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

from tests.support import postgres  # noqa: E402  # after its assertions were told to explain themselves
from tests.support.databases import (  # noqa: E402
    Rehearsal,
    a_database,
    a_postgres_url,
    empty,
)
from tests.support.documents import CANNOT  # noqa: E402  # as above

DATABASES = ("sqlite", "postgresql")
GIVEN_URL = os.environ.get("PAYGATE_TEST_DATABASE_URL")
BINARIES = None if GIVEN_URL else postgres.binaries()

# No renderer that would print local variables: they hold secrets.
structlog.configure(
    processors=[
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)
settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "nightly",
    max_examples=5_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "prove",
    parent=settings.get_profile("nightly"),
    max_examples=10_000,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_sessionstart():
    if os.environ.get("CI") == "true" and not (GIVEN_URL or BINARIES):
        raise pytest.UsageError("no PostgreSQL, and CI must run on both databases")


def pytest_terminal_summary(terminalreporter):
    passed = [report.nodeid for report in terminalreporter.getreports("passed")]
    for name in DATABASES:
        count = sum(f"[{name}" in nodeid for nodeid in passed)
        terminalreporter.line(
            f"{name}: {count} tests passed" if count else f"{name}: NO TEST RAN ON THIS DATABASE",
            green=count > 0,
            red=count == 0,
        )
    if any("test_documents" in nodeid for nodeid in passed):
        for command, why in CANNOT.items():
            terminalreporter.line(f"documents: NOT RUN: {command}: {why}", yellow=True)


@pytest.fixture(scope="session")
def postgres_url():
    if GIVEN_URL:
        yield GIVEN_URL
    elif BINARIES:
        with postgres.server(BINARIES) as url:
            yield url
    else:
        pytest.skip("no PostgreSQL found: half of the tests did NOT run")


@pytest.fixture(scope="session", params=DATABASES)
def fresh_url(request, tmp_path_factory):
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db')}/test.db"
    else:
        with a_postgres_url(request.getfixturevalue("postgres_url")) as url:
            yield url


@pytest.fixture(scope="session")
def real_db(fresh_url):
    with a_database(fresh_url) as database:
        yield database


@pytest.fixture
def db(real_db):
    """A database in which the test leaves no trace."""
    with real_db.engine.execution_options(writes=True).connect() as connection:
        outer = connection.begin()
        yield Rehearsal(connection)
        outer.rollback()


@pytest.fixture
def bare_db(real_db):
    """For tests that must really commit: other processes, long histories."""
    empty(real_db)
    yield real_db
    empty(real_db)
