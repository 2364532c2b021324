"""Objects of the controllers that bring secrets from their stores."""

from .external_secret import external_secret
from .operator import operator_store, static_secret
from .store import secret_store, store_credentials

__all__ = ["external_secret", "operator_store", "secret_store", "static_secret", "store_credentials"]
