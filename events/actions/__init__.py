"""The verbs of events that change more than a row or speak to the outside."""
