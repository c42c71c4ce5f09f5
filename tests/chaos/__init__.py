"""The running site with its servers stopped, paused, slowed and crowded: what visitors get."""
