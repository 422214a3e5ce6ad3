"""One connection to PostgreSQL that is spoken to without psycopg's cursor (ADR 0026)."""

from typing import Any

import pytest
import sqlalchemy as sa

from paygate.store import driver
from paygate.store.engine import EngineDatabase
from paygate.store.libpq import numbered
from tests.support.databases import a_postgres_url

pytestmark = pytest.mark.postgres
WHO = sa.select(
    sa.func.pg_backend_pid().label("pid"),
    sa.func.current_setting("transaction_isolation").label("isolation"),
    sa.cast(sa.bindparam("text"), sa.Text).label("text"),
    sa.cast(sa.bindparam("nothing"), sa.Integer).label("nothing"),
)
ASKED = {"text": "Cổng %s", "nothing": None}


@pytest.fixture
def database(postgres_url):
    with a_postgres_url(postgres_url, "_libpq") as url:
        database = EngineDatabase(url)
        yield database
        database.close()


def who(tx, text="Cổng %s"):
    found: tuple[dict[str, Any], ...] = driver.many(tx, WHO, ASKED | {"text": text}, dict)
    return found[0]


def test_values_go_and_come_whole(database):
    told = database.act(who)
    assert (told["text"], told["nothing"]) == ("Cổng %s", None)


def test_text_that_the_server_could_not_keep_whole_is_refused(database):
    with pytest.raises(sa.exc.DataError):
        database.act(who, "before\x00behind")


def test_the_first_statement_begins_a_transaction_as_the_engine_wants_it(database):
    with database.read() as tx:
        assert who(tx)["isolation"] == "repeatable read"
        assert tx.connection.driver_connection.info.transaction_status.name == "INTRANS"
    assert database.act(who)["isolation"] == "read committed"


def test_a_connection_that_died_is_told_as_such_and_renewed(database):
    dead = database.act(who)["pid"]
    killer = sa.create_engine(database.engine.url, poolclass=sa.NullPool)
    with killer.begin() as tx:
        tx.exec_driver_sql(f"SELECT pg_terminate_backend({dead})")
    killer.dispose()

    with pytest.raises(sa.exc.OperationalError):
        database.act(who)
    assert database.act(who)["pid"] != dead


def test_a_line_that_broke_with_something_waiting_fails_the_act_and_not_the_next(database):
    killer = sa.create_engine(database.engine.url, poolclass=sa.NullPool)

    def verb(tx):
        dead = who(tx)["pid"]
        driver.later(tx, WHO, ASKED)
        driver.later(tx, WHO, ASKED)
        with killer.begin() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({dead})")
        return dead

    with pytest.raises(sa.exc.OperationalError):
        database.act(verb)
    killer.dispose()
    assert database.act(who)["text"] == "Cổng %s"


def test_a_journey_that_was_refused_in_the_middle_leaves_the_line_in_order(database):
    def verb(tx, *, text):
        for each in ("a", text, "c"):
            driver.later(tx, WHO, ASKED | {"text": each})
        return who(tx)

    database.act(verb, text="b")
    connection = database.engine.raw_connection()
    status = connection.driver_connection.pgconn.pipeline_status
    connection.close()
    assert status == 0  # off: psycopg may go on as it is used to
    assert database.act(verb, text="b")["nothing"] is None


def test_what_somebody_dropped_is_prepared_anew_in_another_try(database):
    database.act(who)
    tries: list[str] = []

    def drop_once(tx):
        tries.append("")
        if len(tries) == 1:
            tx.exec_driver_sql("DEALLOCATE ALL")
        return who(tx)

    assert database.act(drop_once)["text"] == "Cổng %s"
    assert len(tries) == 2


def test_a_savepoint_that_was_rolled_back_leaves_the_rest_of_the_transaction_fit(database):
    def verb(tx):
        first = who(tx)
        for _ in range(8):  # until psycopg prepares, and so drops
            tx.execute(sa.select(sa.literal(1))).all()
        tx.begin_nested().rollback()
        return first == who(tx)

    assert database.act(verb)


def test_names_become_numbers_in_the_order_of_the_text():
    assert numbered("a %(x)s, %(y)s, %(x)s %% b") == ("a $1, $2, $1 % b", ("x", "y"))
