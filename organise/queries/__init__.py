"""What the organiser's pages read."""
