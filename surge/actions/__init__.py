"""The verbs of the surge: beginning a rehearsal, judging it, removing what it leaves."""
