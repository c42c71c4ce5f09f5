"""Connections that wait only so long, and are not handed out once the server has hung up."""

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from psycopg_pool import ConnectionPool

from kit.patient_connection import PatientConnection, ServerSilent, patient

Pool = ConnectionPool[PatientConnection]


@pytest.fixture
def pool() -> Iterator[Pool]:
    """One connection to the tests' own Postgres, checked whenever it is handed out."""
    own = settings.DATABASES["default"]
    kwargs = {
        "host": own["HOST"], "port": own["PORT"], "user": own["USER"], "password": own["PASSWORD"],
        "dbname": "postgres", "autocommit": True,
    }  # fmt: skip
    check = ConnectionPool.check_connection
    with ConnectionPool(kwargs=kwargs, connection_class=patient(0.3), min_size=1, max_size=1, check=check) as made:
        yield made


def test_connection_gives_up_on_a_server_that_says_nothing(pool: Pool) -> None:
    with pytest.raises(ServerSilent), pool.connection() as connection:
        connection.execute("SELECT pg_sleep(10)")

    with pool.connection() as another:
        assert another.execute("SELECT 1").fetchone() == (1,)


def test_connection_whose_server_has_hung_up_is_not_handed_out(pool: Pool) -> None:
    with pool.connection() as connection:
        first = connection.info.backend_pid
    end(first)

    with pool.connection() as another:
        assert another.execute("SELECT 1").fetchone() == (1,)
        assert another.info.backend_pid != first


def test_connection_that_is_well_is_checked_without_asking_the_server(pool: Pool) -> None:
    with pool.connection() as connection:
        pid = connection.info.backend_pid
        connection.execute("SELECT 'the last question'")
    with pool.connection() as again:
        assert again.info.backend_pid == pid

    assert "the last question" in last_question_of(pid)


def own() -> psycopg.Connection:
    """A connection of the test's own."""
    given = settings.DATABASES["default"]
    return psycopg.connect(
        host=given["HOST"], port=given["PORT"], user=given["USER"], password=given["PASSWORD"], dbname="postgres",
        autocommit=True,
    )  # fmt: skip


def end(pid: int) -> None:
    with own() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def last_question_of(pid: int) -> str:
    with own() as other:
        row = other.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
    return str(row[0]) if row else ""
