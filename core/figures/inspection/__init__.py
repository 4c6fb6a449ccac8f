"""What one graph is like, and what a change of it does, drawn."""
