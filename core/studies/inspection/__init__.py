"""One index looked into: its health, what it loses and why, which queries are hard."""
