"""Studies made of many cells: each runs for a while, and can be stopped and continued."""
