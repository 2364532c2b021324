"""The runner of `make test`: quiet where all is well, and never green where something failed."""

import sys

import pytest

from tools.checks import __main__ as runner
from tools.checks.steps import LAST, Step, findings


def step(name, code, **keys):
    return Step(name, "a check", (sys.executable, "-c", code), **keys)


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs `steps` below a directory of its own; the value is exit code and output."""

    def go(steps, names=()):
        monkeypatch.setattr(runner, "STEPS", steps)
        monkeypatch.setattr(runner, "ROOT", tmp_path)
        monkeypatch.setattr(runner, "_LOGS", tmp_path / "logs")
        code = runner.main(names)
        output = capsys.readouterr()
        return code, output.out + output.err

    return go


def test_what_passes_says_only_what_it_is_asked_for(run):
    code, output = run([step("good", "print('noise'); print('conformance 30/30'); print('2 passed')", note=findings)])
    assert code == 0
    assert "conformance 30/30" in output
    assert "2 passed" in output
    assert "noise" not in output
    assert "1 checks in 0 s: all passed" in output


def test_what_fails_says_everything_and_the_rest_still_runs(run):
    code, output = run([step("bad", "print('why'); raise SystemExit(3)"), step("good", "")])
    assert code == 1
    assert "why" in output
    assert "2 checks in 0 s: FAILED bad" in output


def test_what_hangs_is_ended_and_fails(run, monkeypatch):
    monkeypatch.setattr(runner, "_LIMIT_SECONDS", 0.5)
    code, output = run([step("slow", "print('began', flush=True); import time; time.sleep(60)")])
    assert code == 1
    assert "began\n\ndid not finish in 0.5 s" in output


def test_only_the_steps_that_are_named_and_apply_run(run):
    code, output = run([step("one", "1/0"), step("two", ""), step("three", "1/0", applies=lambda: False)], ["two", "three"])
    assert code == 0
    assert "1 checks" in output


def test_a_step_that_does_not_exist_is_an_error(run):
    assert run([step("one", "")], ["onne"]) == (2, "no step onne; there are one\n")


def test_the_log_of_a_step_stays(run, tmp_path):
    run([step("one", "print('kept')")])
    assert (tmp_path / "logs" / "one.log").read_text() == "kept\n"


def test_lanes_run_at_the_same_time_and_the_last_step_comes_after_them(run, tmp_path):
    wait = "import pathlib, time\nwhile not pathlib.Path('there').exists(): time.sleep(0.01)"
    steps = [
        step("waiting", wait),
        step("making", "import pathlib; pathlib.Path('there').touch()", lane=1),
        step(
            "last",
            "import pathlib; assert {'waiting.log', 'making.log'} <= {p.name for p in pathlib.Path('logs').iterdir()}",
            lane=LAST,
        ),
    ]
    assert run(steps)[0] == 0
