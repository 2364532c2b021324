"""A stack without a cluster: evaluated in this process, rendered, compared and checked.

Nothing in this file or below `evaluate` imports another part of the product: `child` runs it beside other versions of them.
"""

from .errors import NoSuchProject, NoSuchStack, PreviewError
from .evaluate import render
from .project import find_project, load_project, stack_names
from .rendered import KubeObject, Rendered
from .resources import Resource
from .values import REDACTED, Secret, Unknown, masked, revealed

__all__ = [
    "REDACTED",
    "KubeObject",
    "NoSuchProject",
    "NoSuchStack",
    "PreviewError",
    "Rendered",
    "Resource",
    "Secret",
    "Unknown",
    "find_project",
    "load_project",
    "masked",
    "render",
    "revealed",
    "stack_names",
]
