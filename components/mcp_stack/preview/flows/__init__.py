"""Who can reach whom by the network policies of a rendered set, worked out from the API's semantics. No cluster is asked."""

from .ends import Address, End, Pod
from .network import Network, Opening
from .spans import ALL, PROTOCOLS, Span, Spans

__all__ = ["ALL", "PROTOCOLS", "Address", "End", "Network", "Opening", "Pod", "Span", "Spans"]
