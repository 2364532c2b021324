"""`mcp-stack-proxy audit`: what it prints, and when it ends."""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from .arguments import stamp
from .filtering import NotARecord, Wanted, text
from .reading import Following, Skipped, past

LOOK_SECONDS = 0.5
"""Between two looks for further records."""

FOUND, NOTHING = 0, 1


def run(arguments: argparse.Namespace) -> int:
    """Exit code: 0; 1 where no records are kept."""
    data, index = Path(arguments.path), Path(arguments.index_path)
    since: float | None = arguments.since
    wanted = Wanted(
        server=arguments.server,
        tool=arguments.tool,
        method=arguments.method,
        identity=arguments.identity,
        errors=arguments.errors,
        since=None if since is None else stamp(since),
    )
    skipped = Skipped()
    try:
        if arguments.follow:
            _follow(Following(data, index, since), wanted, skipped, as_json=arguments.json)
        else:
            _print(past(data, index, since, skipped), wanted, skipped, as_json=arguments.json)
            if told := skipped.told():
                sys.stderr.write(f"{told}\n")
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return FOUND
    except OSError as error:
        reason = error.strerror or str(error)
        kept = "records are kept where `audit.output` is `file` or `file+stdout`"
        sys.stderr.write(f"{error.filename or data}: {reason}; {kept}\n")
        return NOTHING
    return FOUND


def _follow(following: Following, wanted: Wanted, skipped: Skipped, *, as_json: bool) -> None:
    try:
        while True:
            _print(following.lines(), wanted, skipped, as_json=as_json)
            time.sleep(LOOK_SECONDS)
    finally:
        following.close()


def _print(lines: Iterable[bytes], wanted: Wanted, skipped: Skipped, *, as_json: bool) -> None:
    for line in lines:
        try:
            record = wanted.of(line)
        except NotARecord:
            skipped.broken += 1
            continue
        if record is not None:
            sys.stdout.write(f"{line.decode() if as_json else text(record)}\n")
    sys.stdout.flush()
