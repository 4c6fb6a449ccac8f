"""What all tests share: wild input is the same at every run, and slow machines are no failures."""

from hypothesis import settings

settings.register_profile("nearfield", deadline=None, derandomize=True)
settings.load_profile("nearfield")
