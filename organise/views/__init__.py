"""The organiser's pages, by noun. Each stands behind a door (organise/doors.py)."""
