"""The small projects of the preview's tests, for the commands as well."""

from tests.preview.conftest import project

__all__ = ["project"]
