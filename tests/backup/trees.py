"""Directories as values, so that two of them can be compared."""

import stat


def tree(root):
    """{path: (kind, mode, content or target)} of everything below `root`."""
    return {str(path.relative_to(root)): _one(path) for path in sorted(root.rglob("*"))}


def _one(path):
    mode = stat.S_IMODE(path.lstat().st_mode)
    if path.is_symlink():
        return "link", None, str(path.readlink())
    return ("directory", mode, None) if path.is_dir() else ("file", mode, path.read_bytes())
