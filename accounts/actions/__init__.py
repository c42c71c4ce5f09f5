"""What is done about accounts and organisers."""
