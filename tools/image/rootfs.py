"""The file tree of the proxy's image, gathered inside the build stage: `python rootfs.py VENV ROOT SBOM`.

A base image brings a shell, a package manager and pip along. What runs needs none of them, so that only this is taken over: the
interpreter, its standard library, the virtual environment, the shared libraries that these are linked to, and certificates.
Every file gets one owner, one mode and one time, and bytecode is checked by hash, so that the same input gives the same layer.
Needs a base of glibc with Debian's tools (`ldd`, `ldconfig`, `dpkg-query`); standard library alone.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

USER, UID = "mcp", 10001

LEFT_OUT = (
    *("ensurepip", "idlelib", "tkinter", "turtledemo", "test", "tests", "lib2to3", "pydoc_data"),
    *("site-packages", "dist-packages"),
)
"""Parts of the standard library's directory that no server asks for: installers, desktop, own tests."""

ASKED_FOR = (
    *("libnss_dns.so.2", "libnss_files.so.2", "libgcc_s.so.1"),
    *("libstdc++.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libm.so.6"),
)
"""What no file here is linked to: libc loads the first by name at run time, and Node asks for the others where it is copied in."""

CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

FILES = {
    "etc/passwd": f"root:x:0:0:root:/:/nonexistent\n{USER}:x:{UID}:{UID}::/tmp:/nonexistent\n",
    "etc/group": f"root:x:0:\n{USER}:x:{UID}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def main(venv: Path, root: Path, sbom: Path) -> None:
    """Fill `root`, and add what comes from the base to the bill of materials."""
    interpreter = Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    _usr_merge(root)
    _copy(interpreter, root)
    _link_interpreter(interpreter, root)
    skipped = shutil.ignore_patterns(*LEFT_OUT, "__pycache__", "config-*", "*.a", "_tkinter*.so", "_test*.so", "xxlimited*.so")
    shutil.copytree(library, _inside(root, library), ignore=skipped, symlinks=False)
    sources = shutil.ignore_patterns("__pycache__", "[Aa]ctivate*", "*.pyx", "*.pxd", "*.c", "*.h")
    shutil.copytree(venv, _inside(root, venv), ignore=sources, symlinks=True)
    _own_interpreter(venv, root)
    libraries = sorted(set(_libraries(interpreter, library, venv)))
    for path in libraries:
        _copy(path, root)
    _copy(CERTIFICATES, root)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["ldconfig", "-r", str(root)], check=True)
    shutil.rmtree(root / "var", ignore_errors=True)  # ldconfig's own cache holds inode numbers
    _compile(root, interpreter, [library, venv])
    extensions = sorted((library / "lib-dynload").glob("*.so"))
    _add_base(sbom, interpreter, [interpreter, library / "os.py", *extensions, *libraries])
    _copy(sbom, root)
    _settle(root)


def _inside(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _usr_merge(root: Path) -> None:
    """`/lib` and its like are links in the base, and paths of the loader go through them."""
    for name in ("bin", "lib", "lib64"):
        if Path("/", name).is_symlink():
            (root / "usr" / name).mkdir(parents=True, exist_ok=True)
            (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").mkdir(parents=True)


def _copy(path: Path, root: Path) -> None:
    target = _inside(root, path.parent.resolve()) / path.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _link_interpreter(interpreter: Path, root: Path) -> None:
    """`python` and `python3` as in the base, for servers that are copied in beside the proxy."""
    for directory in {Path("/usr/local/bin"), interpreter.parent}:
        for name in ("python", "python3", interpreter.name):
            link = _inside(root, directory / name)
            if not link.exists() and not link.is_symlink():
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(interpreter)


def _own_interpreter(venv: Path, root: Path) -> None:
    """The proxy's command runs isolated (`-I`): a server's PYTHONPATH, or its working directory, changes nothing of the proxy."""
    for script in sorted(_inside(root, venv / "bin").iterdir()):
        if not script.is_symlink() and script.name != "mcp-stack-proxy":
            script.unlink()
    command = _inside(root, venv / "bin" / "mcp-stack-proxy")
    _, _, body = command.read_text(encoding="utf-8").partition("\n")
    command.write_text(f"#!{venv}/bin/python -I\n{body}", encoding="utf-8")
    command.chmod(0o755)
    _inside(root, Path("/usr/local/bin/mcp-stack-proxy")).symlink_to(venv / "bin" / "mcp-stack-proxy")


def _libraries(interpreter: Path, *trees: Path) -> Iterator[Path]:
    """Shared libraries of the system that the interpreter and the extension modules below `trees` are linked to."""
    linked = [interpreter, *(path for tree in trees for path in sorted(tree.rglob("*.so")) if not _left_out(path))]
    yield from _closure(linked)
    listed = subprocess.run(["ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    known = {line.split()[0]: Path(line.split()[-1]) for line in reversed(listed.splitlines()) if "=>" in line}
    found = [known[name] for name in ASKED_FOR if name in known]
    yield from found
    yield from _closure(found)


def _left_out(path: Path) -> bool:
    return any(part in LEFT_OUT for part in path.parts if part != "site-packages") or path.name.startswith("_tkinter")


def _closure(programs: Iterable[Path]) -> Iterator[Path]:
    done = subprocess.run(["ldd", *map(str, programs)], check=False, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        words = line.split()
        if "=> not found" in line:
            raise SystemExit(f"a shared library is missing in the base: {line.strip()}")
        path = next((word for word in words if word.startswith("/") and not word.endswith(":")), None)
        if path and Path(path).exists():
            yield Path(path)


def _compile(root: Path, interpreter: Path, trees: Iterable[Path]) -> None:
    """Bytecode for a root that cannot be written. Its sources never change, so that nothing is asked of the disk."""
    options = ["-q", "-j1", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/"]
    directories = [str(_inside(root, tree)) for tree in trees]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([interpreter, "-m", "compileall", *options, *directories], check=True, env=environment)


def _add_base(sbom: Path, interpreter: Path, paths: Iterable[Path]) -> None:
    """Debian packages of which files were taken, and an interpreter that is in none of them."""
    document = json.loads(sbom.read_text(encoding="utf-8"))
    owners = {"ca-certificates", *(name for path in paths for name in _owners(path))}
    shown = "${binary:Package} ${Version} ${Architecture}\n"
    listed = subprocess.run(["dpkg-query", "-W", "-f", shown, *sorted(owners)], check=True, capture_output=True, text=True)
    found: list[dict[str, str]] = []
    for line in listed.stdout.splitlines():
        name, version, architecture = line.split()
        name = name.partition(":")[0]
        purl = f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}"
        found.append({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl})
    if not _owners(interpreter):
        version = platform.python_version()
        purl = f"pkg:generic/python@{version}"
        found.append({"type": "application", "bom-ref": purl, "name": "python", "version": version, "purl": purl})
    document["components"] = sorted([*document["components"], *found], key=lambda one: one["bom-ref"])
    sbom.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _owners(path: Path) -> list[str]:
    """Packages that `path` belongs to. Debian lists a file of /usr/lib under /lib where it was packed so."""
    target = path.resolve()
    for name in (target, path, Path("/", *target.parts[2:]) if target.parts[1] == "usr" else target):
        done = subprocess.run(["dpkg-query", "-S", str(name)], check=False, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.partition(": ")[0].split(", ")
    return []


def _settle(root: Path) -> None:
    """One time and one mode for all; who built and when leaves no trace."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or 0)
    for path in [*sorted(root.rglob("*")), root]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o1777 if path == root / "tmp" else 0o755 if executable else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
