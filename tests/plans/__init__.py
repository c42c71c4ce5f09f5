"""The guard against the next slow query: the plans of all that the site asks, over 1,000 events and 200,000 tickets."""
