"""Names the room for Django."""

from django.apps import AppConfig


class OrganiseConfig(AppConfig):
    name = "organise"
