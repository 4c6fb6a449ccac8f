"""The player of insertions: its pictures and steps, their words, and its scripts."""
