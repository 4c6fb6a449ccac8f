"""The machine that a cell ran on, for times by its clock."""

import platform


def this_host() -> str:
    """The name of this machine in its network."""
    return platform.node()


def host_unless(home: str) -> str:
    """The name of this machine, or "" if it is `home`, the machine that the study was started on.

    >>> host_unless(this_host())
    ''
    """
    here = this_host()
    return "" if here == home else here
