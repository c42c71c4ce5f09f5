"""Tests of the fake Stripe, spoken to by the real SDK; they need neither Django nor a database."""
