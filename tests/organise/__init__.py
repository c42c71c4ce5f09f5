"""The organiser's pages: who is let in, and what they are told."""
