"""The whole site with all its parts, and crowds that visit it: for tests that break it and benches that push it."""
