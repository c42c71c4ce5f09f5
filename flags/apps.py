"""Names the room for Django, has every room's flags declared, and the pools' waits put down beside the flags' costs."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from flags import costs
from kit import pool_waits


class FlagsConfig(AppConfig):
    name = "flags"

    def ready(self) -> None:
        autodiscover_modules("features")  # each `<room>/features.py` that there is, see flags/registry.py
        costs.also(pool_waits.put_down)
