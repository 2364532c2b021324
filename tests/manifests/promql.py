"""What a query asks for: metrics, and the labels that it expects of each. Parsed as Prometheus itself does, types included."""

from dataclasses import dataclass, field

import promql_parser


@dataclass
class Asked:
    """One selector of a query."""

    metric: str
    matchers: dict[str, list[str]] = field(default_factory=dict)
    """Labels that it selects by, with the values that it names."""
    grouped: set[str] = field(default_factory=set)
    """Labels that something around it keeps."""

    @property
    def labels(self) -> set[str]:
        return {*self.matchers, *self.grouped}


def asked(query: str) -> list[Asked]:
    """Every selector of `query`; ValueError where it is no PromQL."""
    return _below(promql_parser.parse(query), set())


def _below(node, grouped):
    name = type(node).__name__
    if name == "VectorSelector":
        matchers = {one.name: one.value.split("|") for one in node.matchers.matchers}
        return [Asked(node.name, matchers, set(grouped))]
    if name == "MatrixSelector":
        return _below(node.vector_selector, grouped)
    if name == "AggregateExpr" and node.modifier is not None:
        grouped = {*grouped, *node.modifier.labels}
    inner = [getattr(node, key) for key in ("lhs", "rhs", "expr") if hasattr(node, key)]
    inner += getattr(node, "args", [])
    return [found for one in inner for found in _below(one, grouped)]
