"""Buying: holds, orders, tickets, payments, and the mail that follows."""
