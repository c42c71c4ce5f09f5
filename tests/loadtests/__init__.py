"""The crowd that buys: its curves, its reading of pages, its honesty, and one real sale."""
