"""The player of searches: what it draws, packed for the browser, and its scripts."""
