"""How long a test waits for a state that must come: only a test that fails waits this long."""

PATIENCE = 180.0  # seconds
