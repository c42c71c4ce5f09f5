"""Wiring only: settings, URLs and the server's entry points. No room imports it."""
