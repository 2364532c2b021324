"""Rules for what a stack file cannot forbid: resources that a program adds of its own. Plain objects, without Pulumi."""

from .catalog import POLICIES
from .config import Configuration, PolicyConfigError, configuration
from .model import Object, Policy, Program, Settings, Violation
from .resources import UNKNOWN, Sensitive, Unknown, objects_of
from .run import Reported, judge

__version__ = "0.1.0"

__all__ = [
    "POLICIES",
    "UNKNOWN",
    "Configuration",
    "Object",
    "Policy",
    "PolicyConfigError",
    "Program",
    "Reported",
    "Sensitive",
    "Settings",
    "Unknown",
    "Violation",
    "configuration",
    "judge",
    "objects_of",
]
