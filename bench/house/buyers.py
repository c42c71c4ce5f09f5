"""A buyer of a free ticket in the house, step by step, and one after another."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench import MeasurementFailed
from bench.house import crowd
from bench.house.crowd import Answer, get, post
from bench.house.house import House

BUYER = {"full_name": "Ada Lovelace", "email": "ada@example.com"}


def hold(house: House, slug: str = "meetup", *, edge: bool = True) -> Answer:
    """Somebody takes a ticket."""
    form = {"quantity-type-0": "1", "key": "", "secret": ""}
    return crowd.ask(house.port if edge else house.site_port, post(f"/bench/{slug}/orders/", form))


def order_of(held: Answer) -> str:
    """The address of the order that a hold has made. Raises MeasurementFailed if it has made none."""
    if held.status != 303:
        raise MeasurementFailed(f"A hold was answered with {held.status}: {held.head}")
    return held.header("Location").removesuffix("details/")


def completes(house: House, order: str, *, edge: bool = True) -> bool:
    """Whether the buyer can finish: name and address, and the page says that it is done."""
    port = house.port if edge else house.site_port
    sent = crowd.ask(port, post(f"{order}details/", BUYER))
    return sent.status == 303 and crowd.ask(port, get(order)).status == 200


def buys(house: House, *, edge: bool = True) -> list[Answer]:
    """The answers of a whole order, one step after another; it ends with the first that is not as it should be."""
    port = house.port if edge else house.site_port
    answers = [hold(house, edge=edge)]
    if answers[0].status == 303:
        order = order_of(answers[0])
        answers.append(crowd.ask(port, post(f"{order}details/", BUYER)))
        answers.append(crowd.ask(port, get(order)))
    return answers


@contextmanager
def one_after_another(house: House, *, orders: int | None = None) -> Iterator[list[Answer]]:
    """Buyers straight at the site, so many or as long as the block lasts; what they are answered."""
    answers: list[Answer] = []
    over = threading.Event()

    def go_on() -> None:
        bought = 0
        while not over.is_set() and bought != orders:
            answers.extend(buys(house, edge=False))
            bought += 1

    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(go_on)
        try:
            yield answers
        finally:
            if orders is None:
                over.set()
            going.result()
