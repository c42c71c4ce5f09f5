"""The verbs of flags: whatever changes what a flag answers, signed and with a reason."""
