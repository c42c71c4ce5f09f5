"""Names the room for Django, and has every room's flags declared."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FlagsConfig(AppConfig):
    name = "flags"

    def ready(self) -> None:
        autodiscover_modules("features")  # each `<room>/features.py` that there is, see flags/registry.py
