"""Settings for each place Tito runs in: development, test, production, over a common base."""
