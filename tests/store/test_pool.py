"""A connection that died while nobody used it is renewed; a busy one is not asked each time."""

import pytest
import sqlalchemy as sa

from paygate.store import engine
from paygate.store.engine import EngineDatabase
from tests.support.databases import a_postgres_url

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_url):
    with a_postgres_url(postgres_url, "_pool") as url:
        database = EngineDatabase(url)
        yield database
        database.close()


def backend(tx):
    return tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def kill(database, pid):
    killer = sa.create_engine(database.engine.url, poolclass=sa.NullPool)
    with killer.begin() as tx:
        tx.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    killer.dispose()


def test_a_connection_that_died_unused_is_renewed_before_it_is_used(database, monkeypatch):
    dead = database.act(backend)
    kill(database, dead)
    monkeypatch.setattr(engine, "PING_AFTER_S", 0.0)

    assert database.act(backend) != dead


def test_after_one_error_all_connections_are_renewed(database):
    """A database that restarts costs each process one refused act, which the rail repeats."""
    kill(database, database.act(backend))

    with pytest.raises(sa.exc.OperationalError):
        database.act(backend)
    assert database.act(backend)


def test_a_connection_that_was_just_used_is_not_asked_whether_it_lives(database, monkeypatch):
    database.act(backend)
    asked: list[object] = []
    monkeypatch.setattr(database.engine.dialect, "do_ping", asked.append)
    database.act(backend)
    assert asked == []

    monkeypatch.setattr(engine, "PING_AFTER_S", 0.0)
    database.act(backend)
    assert len(asked) == 1
