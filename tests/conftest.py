"""Marks that tie a test to a promise: `parity` to the ledger of the seeds, `requirement` to the protocol's manifest."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "parity(*ids): behaviours of tests/parity/parity.yaml that the test shows")
    config.addinivalue_line("markers", "requirement(*ids): sentences of tests/requirements.py that the test proves")
