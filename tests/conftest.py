"""Marks that tie a test to a promise: `parity` to the ledger of the seeds, `requirement` to the protocol's manifest."""

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no counterexample: examples are bounded by their number, not by time.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "parity(*ids): behaviours of tests/parity/parity.yaml that the test shows")
    config.addinivalue_line("markers", "requirement(*ids): sentences of tests/requirements.py that the test proves")
