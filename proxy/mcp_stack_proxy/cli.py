"""`mcp-stack-proxy`: serve, check a configuration, make keys, ask for health, end, show the audit, take and restore backups."""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence

from . import __version__
from .backup.arguments import add_commands as add_backups
from .config import ConfigError, ProxyConfig, Source, find_source, load, parse
from .config.api_keys import entries_text, new_key
from .config.logs import FORMAT, Log
from .config.overriding import audit_by_variables, times_by_variables
from .config.session_keys import new_session_key
from .observe.logs import begin, over
from .observe.stored.arguments import add_commands as add_audit


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 not healthy or not there, 2 a configuration that cannot be used; of backups as `backup.command` says."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except ConfigError as error:
        if os.environ.get(FORMAT) == "json" and arguments.run is _serve:
            begin(Log(format="json"))
            logging.getLogger(__name__).error("%s", error)  # noqa: TRY400 - it is meant for whoever has configured it
        else:
            print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mcp-stack-proxy", description="Proxy and gateway for MCP servers.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve the configured servers over HTTP, or on standard input and output")
    serve.add_argument("--config", metavar="FILE", help="our YAML, or a client's servers.json")
    where = serve.add_mutually_exclusive_group()
    where.add_argument("--listen", metavar="HOST:PORT", help="instead of the configuration's `listen`")
    where.add_argument(
        "--stdio", action="store_true", help="serve whoever started this, on standard input and output, instead of listening"
    )
    serve.add_argument("--management", metavar="HOST:PORT", help="instead of the configuration's `management.listen`")
    serve.add_argument("--workers", type=_count, default=1, metavar="N", help="processes that share the address; 1 unless said")
    serve.add_argument(
        "--log-level", metavar="FILTER", help="instead of the configuration's `log.level`: info, or warn,upstream=debug"
    )
    serve.set_defaults(run=_serve)

    check = commands.add_parser("check-config", help="say what is wrong with a configuration, and exit 2 if anything is")
    check.add_argument("file", metavar="FILE")
    check.set_defaults(run=_check)

    key = commands.add_parser("new-key", help="make an API key: the key on stderr, its entry for the file of keys on stdout")
    key.add_argument("--subject", required=True, metavar="NAME", help="who will call with it")
    key.add_argument("--role", action="append", default=[], metavar="R", help="what the subject is; may be repeated")
    key.set_defaults(run=_new_key)

    session_key = commands.add_parser("new-session-key", help="make a key for the file of session keys, on stdout")
    session_key.set_defaults(run=_new_session_key)

    drain = commands.add_parser("drain", help="tell the proxy of this container to end as on SIGTERM: for a preStop hook")
    drain.add_argument("--after", type=float, default=0.0, metavar="SECONDS", help="wait first; 0 unless said")
    drain.add_argument("--process", type=int, default=1, metavar="PID", help="1 unless said, which a container's program is")
    drain.set_defaults(run=_drain)

    health = commands.add_parser("health", help="exit 0 if the proxy at URL answers that it is ready")
    health.add_argument("--url", default="http://127.0.0.1:8080/readyz")
    health.set_defaults(run=_health)

    add_audit(commands)
    add_backups(commands)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 64")
    return int(text)


def _load(path: str | None, listen: str | None = None, management: str | None = None) -> tuple[ProxyConfig, Source]:
    source = find_source(path, os.environ)
    override: dict[str, object] = {} if listen is None else {"listen": listen}
    if management is not None:
        override["management"] = {"listen": management}
    document = parse(source)
    override |= times_by_variables(document.get("limits"), os.environ)
    override |= audit_by_variables(document.get("audit"), os.environ)
    return load(source, os.environ, override), source


def _serve(arguments: argparse.Namespace) -> int:
    config, source = _load(arguments.config, arguments.listen, arguments.management)
    begin(over(config.log, os.environ, arguments.log_level))
    logging.getLogger(__name__).info("configuration from %s", source.name)
    if arguments.stdio:
        from .serve.stdio_process import run as run_on_stdio

        run_on_stdio(config)
        return 0
    from .serve.process import run

    return run(config, arguments.workers)


def _check(arguments: argparse.Namespace) -> int:
    config, _ = _load(arguments.file)
    print(f"{arguments.file}: good, {len(config.servers)} servers")
    return 0


def _new_key(arguments: argparse.Namespace) -> int:
    key, entry = new_key(arguments.subject, arguments.role)
    print(f"key, shown only here, to hand to {entry.subject}: {key}", file=sys.stderr)
    print(entries_text([entry]), end="")
    return 0


def _new_session_key(_: argparse.Namespace) -> int:
    print(new_session_key())
    return 0


def _drain(arguments: argparse.Namespace) -> int:
    time.sleep(arguments.after)
    try:
        os.kill(arguments.process, signal.SIGTERM)
    except OSError as error:
        print(f"process {arguments.process}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _health(arguments: argparse.Namespace) -> int:
    import http.client
    import urllib.request

    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # HTTP_PROXY is for the servers that are called
    try:
        with direct.open(arguments.url, timeout=3) as answer:
            return 0 if answer.status == 200 else 1
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"{arguments.url}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
