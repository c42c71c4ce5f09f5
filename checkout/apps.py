"""Names the room for Django."""

from django.apps import AppConfig


class CheckoutConfig(AppConfig):
    name = "checkout"
