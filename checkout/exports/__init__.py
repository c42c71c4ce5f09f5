"""Tables of an event's orders, attendees and money, and how they are written into files."""
