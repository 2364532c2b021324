"""A program sees its own directory and nothing of this machine's clusters."""

import gc
import os
import sys
from pathlib import Path

import pytest

from mcp_stack.preview.isolation import inside, rare_collections


def test_directory_and_modules_are_the_programs_and_are_given_back(tmp_path):
    (tmp_path / "colours.py").write_text("NAME = 'red'")
    (tmp_path / "shapes").mkdir()
    (tmp_path / "shapes" / "__init__.py").write_text("")
    (tmp_path / "shapes" / "round.py").write_text("")
    before = (Path.cwd(), list(sys.path), list(sys.argv))
    with inside(tmp_path):
        import colours  # pyright: ignore[reportMissingImports]
        import shapes.round  # noqa: F401

        assert colours.NAME == "red"
        assert Path.cwd() == tmp_path
    assert (Path.cwd(), sys.path, sys.argv) == before
    assert not {"colours", "shapes", "shapes.round"} & set(sys.modules)


def test_modules_of_one_project_are_not_those_of_the_next(tmp_path):
    found = []
    for colour in ("red", "blue"):
        directory = tmp_path / colour
        directory.mkdir()
        (directory / "colours.py").write_text(f"NAME = {colour!r}")
        with inside(directory):
            import colours  # pyright: ignore[reportMissingImports]

            found.append(colours.NAME)
    assert found == ["red", "blue"]


@pytest.mark.parametrize("name", ["KUBECONFIG", "PULUMI_K8S_ENABLE_SECRET_MUTABLE", "PULUMI_CONFIG", "PULUMI_CONFIG_SHOP_TOKEN"])
def test_variables_that_the_sdk_reads_by_itself_are_hidden(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "{}")
    monkeypatch.setenv("SHOP_COLOUR", "red")
    with inside(tmp_path):
        assert (name in os.environ, os.environ["SHOP_COLOUR"]) == (False, "red")
    assert os.environ[name] == "{}"


def test_what_a_program_prints_does_not_mix_with_the_rendering(tmp_path, capsys):
    with inside(tmp_path):
        print("hello")
    assert capsys.readouterr() == ("", "hello\n")


def test_everything_is_given_back_after_a_failure(tmp_path):
    before = Path.cwd()

    def fail():
        with inside(tmp_path):
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        fail()
    assert Path.cwd() == before


@pytest.fixture
def usual():
    """The collector as the interpreter has it; others of our parts may have set it for their process."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield gc.get_threshold()
    gc.set_threshold(*before)


def test_the_garbage_collector_is_given_back_as_it_was(usual):
    with rare_collections():
        assert gc.get_threshold() > usual
    assert gc.get_threshold() == usual
