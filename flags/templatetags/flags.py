"""`{% load flags %}{% flag "name" event %}…{% else %}…{% endflag %}`: a part of a page that has a flag; and
`{% flagregion "name" event %}…{% endflagregion %}`: what is read from the database in here is charged to the flag."""

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context

from flags.evaluation import is_on
from flags.regions import region

register = template.Library()


class FlagNode(template.Node):
    """One of two parts, by what came with the event: it asks nobody. Without an event it is the second."""

    child_nodelists = ("on", "off")

    def __init__(self, name: str, event: FilterExpression, on: NodeList, off: NodeList) -> None:
        self.name, self.event, self.on, self.off = name, event, on, off

    def render(self, context: Context) -> str:
        event = self.event.resolve(context, ignore_failures=True)
        return (self.on if event is not None and is_on(self.name, event) else self.off).render(context)


class FlagRegionNode(template.Node):
    """Shown whether the flag is on or off; without an event nothing is charged."""

    def __init__(self, name: str, event: FilterExpression, inside: NodeList) -> None:
        self.name, self.event, self.nodelist = name, event, inside

    def render(self, context: Context) -> str:
        event = self.event.resolve(context, ignore_failures=True)
        if event is None:
            return self.nodelist.render(context)
        with region(self.name, event):
            return self.nodelist.render(context)


@register.tag
def flag(parser: Parser, token: Token) -> FlagNode:
    name, event = _name_and_event(parser, token)
    on, off = parser.parse(("else", "endflag")), NodeList()
    if parser.next_token().contents == "else":
        off = parser.parse(("endflag",))
        parser.delete_first_token()
    return FlagNode(name, event, on, off)


@register.tag
def flagregion(parser: Parser, token: Token) -> FlagRegionNode:
    name, event = _name_and_event(parser, token)
    inside = parser.parse(("endflagregion",))
    parser.delete_first_token()
    return FlagRegionNode(name, event, inside)


def _name_and_event(parser: Parser, token: Token) -> tuple[str, FilterExpression]:
    """The name is written out, so that whoever looks for a flag's uses finds them (flags/usage.py)."""
    words = token.split_contents()
    if len(words) != 3 or words[1][0] not in "\"'" or words[1][0] != words[1][-1]:
        raise template.TemplateSyntaxError(f'Write {{% {words[0]} "name" event %}}, with the name in quotes.')
    return words[1][1:-1], parser.compile_filter(words[2])
