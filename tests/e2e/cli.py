"""The plain `pulumi` command in a copy of a project."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

SECONDS = 180


class Cli:
    """Runs commands in one project's directory; see tests/e2e/language_host.py for who runs its program."""

    def __init__(self, directory: Path, environment: Mapping[str, str], hosts: Path) -> None:
        self.directory = directory
        self._hosts, self._given = hosts, environment
        self._environment = {**os.environ, **environment, "PATH": f"{hosts}{os.pathsep}{os.environ['PATH']}"}

    def beside(self, directory: Path) -> "Cli":
        """The same in another project's directory."""
        return Cli(directory, self._given, self._hosts)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that goes on by itself."""
        return subprocess.Popen(
            ["pulumi", *arguments, "--non-interactive"], cwd=self.directory, env=self._environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command with its exit code and what it printed."""
        process = self.start(*arguments)
        try:
            output, errors = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            raise AssertionError(f"pulumi {' '.join(arguments)} did not end within {SECONDS} s:\n{output}{errors}") from None
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def must(self, *arguments: str) -> str:
        """What a command printed on stdout; AssertionError where it fails."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def secrets(self, stack: str, values: Mapping[str, str]) -> None:
        """Encrypted keys of the stack file."""
        pairs = [part for name, value in values.items() for part in ("--secret", f"{name}={value}")]
        self.must("config", "set-all", *pairs, "-s", stack)

    def up(self, stack: str) -> str:
        """Brings a stack up, without the preview that a user would look at."""
        return self.must("up", "--yes", "--skip-preview", "--suppress-progress", "-s", stack)

    def destroy(self, stack: str) -> str:
        """Takes it away, likewise."""
        return self.must("destroy", "--yes", "--skip-preview", "--suppress-progress", "-s", stack)
