"""Compositions over index and metrics: what a page asks in one call."""
