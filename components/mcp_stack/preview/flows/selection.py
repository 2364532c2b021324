"""Label selectors, as the API server evaluates them (apimachinery, `LabelSelectorAsSelector`)."""

from collections.abc import Mapping
from typing import Any, cast

Labels = Mapping[str, Any]
Plain = Mapping[str, Any]


def matches(selector: Any, labels: Labels) -> bool:
    """Whether a label selector (`matchLabels` and `matchExpressions`, all of them) matches `labels`. An empty one matches all."""
    wanted: Plain = cast("Plain", selector) if isinstance(selector, Mapping) else {}
    equal = cast("Plain", wanted.get("matchLabels") or {})
    if any(labels.get(key) != value for key, value in equal.items()):
        return False
    return all(_holds(one, labels) for one in cast("list[Plain]", wanted.get("matchExpressions") or []))


def _holds(expression: Plain, labels: Labels) -> bool:
    """`NotIn` and `DoesNotExist` hold for what lacks the label. An operator that the API does not know selects nothing."""
    key, values = str(expression.get("key")), cast("list[Any]", expression.get("values") or [])
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False
