"""Figures of one graph: its anatomy, an autopsy of its searches, and a change of its build."""
