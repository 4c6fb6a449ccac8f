"""What sets some rows apart from the rest."""
