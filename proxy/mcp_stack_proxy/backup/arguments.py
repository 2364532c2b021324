"""The arguments of `mcp-stack-proxy backup`, `restore`, `backups` and `verify-backup`."""

import argparse
from functools import partial
from typing import Any

DEFAULT_NAME = "data"

Commands = Any
"""What `add_subparsers` returns; its type is private to argparse."""


def add_commands(commands: Commands) -> None:
    """The commands about backups."""
    place = "a directory, or s3://BUCKET/PREFIX"
    one = "TARGET[@ID]: the newest backup, unless an id is given"

    backup = _command(commands, "backup", "take a backup of a directory, and prove it by reading it back")
    backup.add_argument("--from", dest="source", required=True, metavar="DIR", help="directory of the data")
    backup.add_argument("--to", required=True, metavar="TARGET", help=place)
    backup.add_argument("--name", default=DEFAULT_NAME, help=f"whose data it is, where a target holds several; {DEFAULT_NAME}")
    backup.add_argument("--keep", type=_count, metavar="N", help="remove all but the newest N afterwards; all are kept unless said")
    backup.add_argument(
        "--exclude", action="append", default=[], metavar="GLOB", help="leave out paths below DIR; * matches slashes, too"
    )

    restoring = _command(commands, "restore", "put a backup where the data were, whole or not at all")
    restoring.add_argument("--from", dest="source", required=True, metavar="TARGET", help=one)
    restoring.add_argument("--to", required=True, metavar="DIR", help="directory of the data; nobody may be using it")
    restoring.add_argument("--name", help="whose data, where the target holds several")
    restoring.add_argument("--force", action="store_true", help="replace what is in DIR, once everything is restored")

    listing = _command(commands, "backups", "list backups, the oldest first: one JSON object a line")
    listing.add_argument("target", metavar="TARGET", help=place)
    listing.add_argument("--name", help="whose, where the target holds several; of all unless said")

    verify = _command(commands, "verify-backup", "restore a backup to a scratch directory, and check everything in it")
    verify.add_argument("--from", dest="source", required=True, metavar="TARGET", help=one)
    verify.add_argument("--name", help="whose, where the target holds several")

    for command in (backup, verify):
        command.add_argument("--scratch", metavar="DIR", help="where copies are made; the system's temporary directory unless said")
    for command in (backup, restoring, listing, verify):
        command.add_argument("--endpoint", metavar="URL", help="of an object storage that is not AWS, such as MinIO")
        command.add_argument("--region", help="of the bucket; AWS_REGION unless said")


def _command(commands: Commands, name: str, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=what)
    parser.set_defaults(run=partial(_run, name))
    return parser


def _run(name: str, arguments: argparse.Namespace) -> int:
    from .command import run  # here, since who serves needs neither tar nor SQLite

    return run(name, arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 10000")
    return int(text)
