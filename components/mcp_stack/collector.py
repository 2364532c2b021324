"""The garbage collector of a process that keeps nearly all that it makes until it ends: a program, the package's host."""

import gc


def rest() -> None:
    """Has it look for garbage more rarely. `preview.isolation` does so for a while, and stands without this module."""
    gc.set_threshold(50_000, 20, 20)
