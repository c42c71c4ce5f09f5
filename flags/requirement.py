"""`@flag_required("name")`: a view that is there for events with the flag on, and for others is not."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import Http404, HttpRequest, HttpResponse

from flags.evaluation import CarriesFlags, is_on

E = TypeVar("E", bound=CarriesFlags)
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, E, P], HttpResponse]


def flag_required(name: str) -> Callable[[View[E, P]], View[E, P]]:
    """For views that are given their event after the request: without the flag they raise Http404.

    What finds the event stands before it and stays as cheap: whether the flag is on came with the event.
    """

    def with_flag(view: View[E, P]) -> View[E, P]:
        @wraps(view)
        def asked(request: HttpRequest, event: E, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not is_on(name, event):
                raise Http404
            return view(request, event, *args, **kwargs)

        return asked

    return with_flag
