"""SQL from files, and the one value that a statement answers."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from kit import sql

# With its apps named, the flush afterwards cascades to the tables that waffle made for the flag model we swapped out.
COMMITTED = pytest.mark.django_db(transaction=True, available_apps=settings.INSTALLED_APPS)


def test_read_answers_the_text_of_a_rooms_file() -> None:
    assert "CREATE OR REPLACE FUNCTION checkout_give_back" in sql.read("checkout", "give_back")


def test_read_of_a_missing_file_says_which() -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        sql.read("checkout", "nowhere")


def test_install_is_a_step_that_can_be_undone() -> None:
    step = sql.install("checkout", "give_back", undo="DROP FUNCTION checkout_give_back")

    assert step.sql == sql.read("checkout", "give_back")
    assert step.reverse_sql == "DROP FUNCTION checkout_give_back"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "arguments", "answer"),
    [
        ("SELECT %s::int + 1", (1,), 2),
        ("SELECT %s::text", ("words",), "words"),
        ("SELECT NULL", (), None),
        ("SELECT 1 WHERE false", (), None),
        ("SELECT jsonb_build_object('token', %s::text)", ("abc",), {"token": "abc"}),
        ("SELECT jsonb_build_array(1, NULL, 'x')", (), [1, None, "x"]),
        ("SELECT %s::text[]", (["a", "b"],), ["a", "b"]),
    ],
)
def test_value_is_the_one_thing_asked_for(statement: str, arguments: tuple[Any, ...], answer: object) -> None:
    assert sql.value(statement, arguments) == answer


@COMMITTED
@pytest.mark.parametrize("name", ["availability", "codes", "give_back", "guards", "ledger", "take_hold"])
def test_file_is_safe_to_run_again(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.read("checkout", name))
        cursor.execute(sql.read("checkout", name))


@COMMITTED
def test_connection_is_let_go_between_transactions() -> None:
    sql.value("SELECT 1", ())

    sql.let_connection_go()

    assert connection.connection is None


@COMMITTED
def test_connection_stays_inside_a_transaction() -> None:
    with transaction.atomic():
        sql.value("SELECT 1", ())

        sql.let_connection_go()

        assert sql.value("SELECT 2", ()) == 2
