"""Who is calling."""

from .api_keys import ApiKeys
from .credentials import Ambiguous, presented
from .principal import Principal

__all__ = ["Ambiguous", "ApiKeys", "Principal", "presented"]
