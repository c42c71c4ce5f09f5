"""What the organiser's pages ask for."""
