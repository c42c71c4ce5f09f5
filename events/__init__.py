"""What is for sale: events, ticket types, quotas, and the public pages that show them."""
