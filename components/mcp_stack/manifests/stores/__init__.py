"""Objects of the controllers that bring secrets from their stores."""

from .external_secret import external_secret, push_secret
from .generators import generator
from .operator import operator_store, static_secret
from .store import secret_store, store_credentials

__all__ = ["external_secret", "generator", "operator_store", "push_secret", "secret_store", "static_secret", "store_credentials"]
