"""What `manage.py seed_demo` makes: organisers and events of our own invention, and orders through the real actions."""
