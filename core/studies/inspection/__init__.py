"""One index looked into: its items and data, its health, what it loses, which queries are hard."""
