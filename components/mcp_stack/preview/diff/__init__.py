"""What would change from one evaluation of a stack to another, and how a reviewer reads it."""

from .compare import Comparison, ItemChange, compare
from .tree import Change

__all__ = ["Change", "Comparison", "ItemChange", "compare"]
