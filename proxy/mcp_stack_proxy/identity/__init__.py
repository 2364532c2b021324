"""Who is calling."""

from .api_keys import ApiKeys
from .credentials import API_KEY, AUTHORIZATION, Ambiguous, bearer, presented
from .principal import Principal
from .session_keys import SessionKeys

__all__ = ["API_KEY", "AUTHORIZATION", "Ambiguous", "ApiKeys", "Principal", "SessionKeys", "bearer", "presented"]
