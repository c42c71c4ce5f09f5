"""The verbs of the checkout: whatever takes stock, moves money or speaks to the outside."""
