"""A revision is evaluated by its own code, in a process of its own, and the repository stays as it is."""

import sys
from pathlib import Path

import pytest

from mcp_stack.preview import NoSuchProject, NoSuchStack, PreviewError, Secret, render
from mcp_stack.preview.revision import import_paths, render_revision, short_name
from tests.preview.repository import commit, git

PROGRAM = """
import shelf
pulumi.export("shelf", shelf.NAME)
pulumi.export("token", pulumi.Config().require_secret("token"))
k8s.core.v1.ConfigMap("one", metadata={"name": shelf.NAME})
"""


@pytest.fixture
def repository(project, tmp_path, monkeypatch):
    """A repository whose library `lib/shelf.py` is on the import path, as an editable installation puts it."""
    directory = project(PROGRAM, config={"shop:token": {"secure": "v1:one"}}, directory=tmp_path / "deploy")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "shelf.py").write_text("NAME = 'former'")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    yield directory
    sys.modules.pop("shelf", None)


def titles(rendered):
    return [item.title for item in rendered.objects]


def test_the_revisions_own_library_is_used_and_the_working_tree_is_left_alone(repository, tmp_path):
    base = commit(tmp_path)
    (tmp_path / "lib" / "shelf.py").write_text("NAME = 'present'")
    (tmp_path / "untracked").write_text("")
    git(tmp_path, "add", "lib")
    before = git(tmp_path, "status", "--porcelain=v2", "--branch")

    former = render_revision(repository, "dev", base)
    after = git(tmp_path, "status", "--porcelain=v2", "--branch")
    present = render(repository, "dev")
    assert (titles(former), titles(present)) == (["ConfigMap former"], ["ConfigMap present"])
    assert former.outputs["token"] == present.outputs["token"]
    assert isinstance(former.outputs["token"], Secret)
    assert after == before
    assert git(tmp_path, "worktree", "list").count("\n") == 1


def test_a_library_that_is_called_like_ours_is_the_revisions(project, tmp_path, monkeypatch):
    """The evaluation must not depend on which version of `mcp_stack` the revision has."""
    directory = project("import mcp_stack\npulumi.export('version', mcp_stack.__version__)", directory=tmp_path / "deploy")
    (tmp_path / "lib" / "mcp_stack").mkdir(parents=True)
    (tmp_path / "lib" / "mcp_stack" / "__init__.py").write_text("__version__ = 'of long ago'")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    assert render_revision(directory, "dev", commit(tmp_path)).outputs == {"version": "of long ago"}


def test_what_a_revision_does_not_have_yet_is_told_apart(repository, project, tmp_path):
    (tmp_path / "readme").write_text("")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "readme")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    with pytest.raises(NoSuchProject):
        render_revision(repository, "dev", "HEAD")
    commit(tmp_path)
    project(PROGRAM, stack="new", directory=repository)
    with pytest.raises(NoSuchStack):
        render_revision(repository, "new", "HEAD")


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise pulumi.RunError('Pulumi.dev.yaml: 1 problem')", "revision HEAD cannot be evaluated: Pulumi.dev.yaml: 1 problem"),
        (
            "None.name",
            "revision HEAD cannot be evaluated: __main__.py:3: AttributeError: 'NoneType' object has no attribute 'name'",
        ),
        ("import os; os._exit(7)", "revision HEAD cannot be evaluated: its process ended with code 7: "),
    ],
)
def test_a_revision_that_fails_says_so_and_which(project, tmp_path, program, message):
    directory = project(program, directory=tmp_path / "deploy")
    commit(tmp_path)
    with pytest.raises(PreviewError) as refusal:
        render_revision(directory, "dev", "HEAD")
    assert str(refusal.value) == message


def test_an_unknown_revision_is_refused(repository, tmp_path):
    commit(tmp_path)
    with pytest.raises(PreviewError, match=r"^'v9' is no revision of "):
        render_revision(repository, "dev", "v9")


def test_a_directory_without_git_is_refused(project):
    with pytest.raises(PreviewError, match="not a git repository"):
        render_revision(project(), "dev", "HEAD")


def test_a_name_is_completed_by_the_commit(project, tmp_path):
    directory = project()
    full = commit(tmp_path)
    short = git(tmp_path, "rev-parse", "--short", "HEAD").strip()
    assert short_name(directory, "main") == f"main ({short})"
    assert short_name(directory, full) == full


def test_import_paths_are_those_of_the_copy(tmp_path):
    top, tree = tmp_path / "top", tmp_path / "tree"
    for path in (top / "lib", top / ".venv", tree / "lib"):
        path.mkdir(parents=True)
    paths = ["", str(top), str(top / "lib"), str(top / ".venv"), "/usr/lib"]
    assert import_paths(paths, top, tree) == [str(Path(tree / "lib"))]
