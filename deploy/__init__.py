"""What the containers need beside the site."""
