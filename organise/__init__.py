"""The organiser's own pages: what a signed-in member of an organiser sees of their events."""
