"""Who is calling."""

from .api_keys import ApiKeys
from .credentials import Ambiguous, presented
from .principal import Principal
from .session_keys import SessionKeys

__all__ = ["Ambiguous", "ApiKeys", "Principal", "SessionKeys", "presented"]
