"""What the pages of accounts say."""
