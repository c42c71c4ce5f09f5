"""Visits to what people have sent in: answers, the files among them, and pictures."""

from tests.makers import make_picture
from tests.plans.guide import Guide, path_of
from tests.questions import make_png


def give_answers(guide: Guide) -> None:
    """Of an order that is asked something: the page, an answer, and a file."""
    order, diet, proof = guide.asked()
    guide.get(path_of(order, "answers/"))
    guide.post(path_of(order, "answers/"), {f"q{diet}t1": "Vegan"})
    guide.ask(lambda: guide.client.post(path_of(order, "answers/"), {f"q{proof}t1": make_png()}), 303)


def see_file(guide: Guide) -> None:
    order, _, proof = guide.asked()
    with guide.watch.at(""):
        guide.client.post(path_of(order, "answers/"), {f"q{proof}t1": make_png()})
        answer = order.answers.get(question=proof)
    guide.get(path_of(order, f"files/{answer.pk}/"))


def see_picture(guide: Guide) -> None:
    with guide.watch.at(""):
        picture = make_picture()
    guide.get(f"/assets/{picture.small_id}.webp")
