"""Whether one threshold fits all classes, and what equal classes would give by chance."""
