"""A git repository of a test's own, untouched by the machine's settings."""

import os
import subprocess

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "t"), ("EMAIL", "t@example.com"))
    },
}


def git(directory, *arguments):
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, env={**os.environ, **ENVIRONMENT}, check=True, capture_output=True, text=True).stdout


def commit(directory, message="a revision"):
    """Everything in `directory` as a commit; its id."""
    if not (directory / ".git").exists():
        git(directory, "init", "--quiet", "--initial-branch=main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", message)
    return git(directory, "rev-parse", "HEAD").strip()
