"""Who runs events: users, organisers, and who may do what for which organiser."""
