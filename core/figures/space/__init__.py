"""The map as an element of the page: its payloads, palettes and scripts."""
