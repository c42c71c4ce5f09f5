"""Journeys in a real Chromium, over a live server, the real Postgres and Valkey, and the fake Stripe."""
