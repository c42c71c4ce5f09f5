"""What surrounds an on-sale: rehearsing it, with a generated crowd, on a copy of the event."""
