"""Names the room for Django."""

from django.apps import AppConfig


class SurgeConfig(AppConfig):
    name = "surge"
