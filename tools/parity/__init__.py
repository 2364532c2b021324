"""The ledger of promised behaviours (tests/parity/parity.yaml), tied to the tests that show them."""
