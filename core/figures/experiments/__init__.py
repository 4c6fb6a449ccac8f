"""Figures of the studies that are made of many cells."""
