"""Pages for everybody with an account."""
