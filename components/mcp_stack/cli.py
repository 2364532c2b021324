"""`mcp-stack`: a stack on this machine, as manifests, compared, checked; and in its cluster. No Pulumi CLI for any of it."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from . import __version__

USAGE = 2
"""Exit code for what cannot be done at all; 1 is kept for what was asked: findings, changes, a failed check."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it: 128 and the number of SIGINT."""

REPORTS = ("text", "markdown", "json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 0 done, 1 findings or changes that were asked for, 2 an error."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe has gone; the interpreter would complain about it at exit
        return 0
    except Exception as error:
        from .preview.errors import PreviewError  # brings Pulumi's SDK along, which not every command needs

        if not isinstance(error, PreviewError):
            raise
        return _refused(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mcp-stack", description=__doc__)
    parser.add_argument("--version", action="version", version=f"mcp-stack {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, summary: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(command=run)
        return command

    up = add("up", "run a stack as processes on this machine", _up)
    _project(up)
    up.add_argument("--stack", default="local", help="stack to run (default: local)")
    up.add_argument(
        "--check", action="store_true", help="start it, call its tools through the gateway, stop; the exit code says it"
    )
    up.add_argument("--port", type=int, help="the gateway's port (default: the stack file's)")
    up.add_argument("--verbose", action="store_true", help="show what the processes write")

    render = add("render", "print a stack's Kubernetes objects, or write one file for each", _render)
    _project(render)
    render.add_argument("--stack", required=True)
    render.add_argument("--out", type=Path, metavar="DIR", help="directory for the files; those of the last rendering are replaced")
    render.add_argument(
        "--show-secrets", action="store_true", help="with secret values, as far as they are known without a passphrase"
    )

    diff = add("diff", "show what changed since a revision, object by object", _diff)
    _project(diff)
    diff.add_argument("--stack", required=True)
    diff.add_argument("--base", required=True, metavar="REV", help="git revision to compare with; its own code renders it")
    diff.add_argument("--head", metavar="REV", help="git revision to compare (default: the files as they are now)")
    diff.add_argument("--format", choices=REPORTS, default="text")
    diff.add_argument("--exit-code", action="store_true", help="end with 1 if anything changes")

    check = add("check", "say what is wrong with a stack, one line for each finding", _check)
    _project(check)
    check.add_argument("--stack", help="stack to check (default: every stack of the project)")
    check.add_argument(
        "--beside", action="append", default=[], metavar="STACK", help="another stack of the project, in the same cluster"
    )
    check.add_argument(
        "--external", action="append", default=[], metavar="KIND/[NAMESPACE/]NAME", help="an object that somebody else provides"
    )
    check.add_argument(
        "--policy-config",
        type=Path,
        metavar="FILE",
        help="levels and settings of policies (default: policies.STACK.json, policies.json)",
    )

    check.add_argument(
        "--cluster", action="store_true", help="ask the cluster, too, whether it has the kinds and objects that the stack needs"
    )
    _context(check)

    diagnose = add("diagnose", "say what is wrong with a stack that is deployed, and what to do next", _diagnose)
    _project(diagnose)
    diagnose.add_argument("--stack", required=True)
    diagnose.add_argument("--namespace", help="where it runs (default: the stack file's)")
    _context(diagnose)
    diagnose.add_argument("--format", choices=("text", "json"), default="text")

    verify = add("verify", "ask a stack that runs for health, metrics, real answers, and a stream that stays alive", _verify)
    _project(verify)
    verify.add_argument("--stack", help="stack to ask: deployed, or with --local as `up` runs it on this machine")
    verify.add_argument("--url", help="ask this gateway, as clients do, instead of forwarding ports with kubectl")
    verify.add_argument("--local", action="store_true", help="the stack runs on this machine")
    _context(verify)
    verify.add_argument("--key-file", type=Path, metavar="FILE", help="file with the key to call with (default: $MCP_API_KEY)")

    bring = add("import", "make a stack file of a client's mcpServers, or of the values of the charts it replaces", _import)
    bring.add_argument("files", nargs="+", type=Path, metavar="FILE", help="later files over earlier ones, as Helm merges values")
    bring.add_argument("--stack", default="staging", help="name of the new stack (default: staging)")
    bring.add_argument("--out", type=Path, metavar="FILE", help="file to write, which must not exist (default: standard output)")
    bring.add_argument("--proxy-image", metavar="REPOSITORY:TAG", help="the proxy's image, made up by default")

    schema = add("schema", "print the JSON Schema of stack files, for editors", _schema)
    schema.add_argument("--out", type=Path, metavar="FILE", help="file to write it to")
    return parser


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="directory of Pulumi.yaml, or below it (default: the current one)",
    )


def _context(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--context", metavar="NAME", help="context of the kubeconfig (default: the current one)")


def _up(options: argparse.Namespace) -> int:
    from .local.run import up
    from .preview.project import find_project

    return up(find_project(options.project), options.stack, options.check, port=options.port, verbose=options.verbose)


def _render(options: argparse.Namespace) -> int:
    from .preview import find_project, render
    from .preview.documents import stream, write
    from .preview.plainly import require_plain

    project = find_project(options.project)
    require_plain(project, options.stack)
    rendered = render(project, options.stack)
    _warn(rendered.warnings)
    _warn([f"{found.type} {found.name}: its objects are made at deployment and are not part of this" for found in rendered.unseen])
    if options.out is None:
        sys.stdout.write(stream(rendered.objects, secrets=options.show_secrets))
        return 0
    try:
        files = write(rendered.objects, options.out, secrets=options.show_secrets)
    except OSError as error:
        return _refused(f"--out {options.out}: {error.strerror}: {error.filename}")
    print(f"{len(files)} objects of stack {options.stack} in {options.out}", file=sys.stderr)
    return 0


def _diff(options: argparse.Namespace) -> int:
    from .preview import find_project
    from .preview.diff import compare
    from .preview.diff.data import json_report
    from .preview.diff.markdown import markdown_report
    from .preview.diff.sides import both
    from .preview.diff.text import text_report

    base, head = both(find_project(options.project), options.stack, options.base, options.head)
    if head.rendered is not None:
        _warn(head.rendered.warnings)
    comparison = compare(base.rendered, head.rendered)
    report = {"text": text_report, "markdown": markdown_report, "json": json_report}[options.format]
    sys.stdout.write(report(comparison, base.name, head.name))
    return 1 if options.exit_code and not comparison.empty else 0


def _check(options: argparse.Namespace) -> int:
    from .preview import find_project, load_project, stack_names
    from .preview.checking import check_stack
    from .preview.checks.external import declared
    from .preview.errors import PreviewError

    directory = find_project(options.project)
    stacks = [options.stack] if options.stack else stack_names(load_project(directory))
    if not stacks:
        raise PreviewError(f"{directory} has no stack file, so there is nothing to check")
    try:
        external = declared(options.external)
    except ValueError as error:
        raise PreviewError(f"--external: {error}") from None
    if options.context and not options.cluster:
        raise PreviewError("--context does nothing without --cluster")
    ask = None
    if options.cluster:
        from .cluster import commands

        ask = partial(commands.ask, options.context)
    count = 0
    for stack in stacks:
        beside = [one for one in options.beside if one != stack]
        for finding in check_stack(directory, stack, external, options.policy_config, beside, ask):
            print(f"{stack}: {finding}")
            count += finding.fails
    print(f"{', '.join(stacks)}: {count or 'no'} finding{'' if count == 1 else 's'}", file=sys.stderr)
    return 1 if count else 0


def _diagnose(options: argparse.Namespace) -> int:
    from .cluster.commands import as_data, look

    seen = look(options.project, options.stack, options.namespace, options.context)
    _warn([f"not looked at: {line}" for line in seen.refused])
    sys.stdout.write(as_data(seen.found) if options.format == "json" else "".join(f"{one}\n" for one in seen.found))
    print(seen.summary, file=sys.stderr)
    return 1 if seen.found else 0


def _verify(options: argparse.Namespace) -> int:
    from .verifying.commands import Wanted, run

    wanted = Wanted(options.project, options.stack, options.url, options.local, options.context, options.key_file)
    return 0 if run(wanted, os.environ, partial(print, flush=True)) else 1


def _import(options: argparse.Namespace) -> int:
    from mcp_stack_proxy.config import ConfigError, find_source

    from .importing import import_documents, report, stack_document

    repository, _, tag = (options.proxy_image or "").rpartition(":")
    proxy = {"repository": repository, "tag": tag} if repository else None
    if options.proxy_image and proxy is None:
        return _refused(f"--proxy-image: {options.proxy_image!r} has no tag; write REPOSITORY:TAG")
    try:
        imported = import_documents([find_source(str(path), {}) for path in options.files], options.stack, proxy)
    except ConfigError as error:
        return _refused(str(error))
    sys.stderr.write(report(imported, options.stack))
    if options.out is None:
        sys.stdout.write(stack_document(imported))
        return 0
    try:
        with options.out.open("x", encoding="utf-8") as file:
            file.write(stack_document(imported))
    except OSError as error:
        return _refused(f"--out {options.out}: {error.strerror}; nothing was written")
    return 0


def _schema(options: argparse.Namespace) -> int:
    from .spec import stack_file_schema

    text = json.dumps(stack_file_schema(), indent=2, ensure_ascii=False) + "\n"
    if options.out is None:
        sys.stdout.write(text)
        return 0
    try:
        options.out.write_text(text, encoding="utf-8")
    except OSError as error:
        return _refused(f"--out {options.out}: {error.strerror}; nothing was written")
    return 0


def _refused(why: str) -> int:
    print(why, file=sys.stderr)
    return USAGE


def _warn(lines: Sequence[str]) -> None:
    for line in lines:
        print(f"warning: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
