"""Help texts of many kinds, read: what is a subcommand, an option, a value, and what is none of it."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_stack_proxy.upstream.cli.help import MAX_OPTIONS, MAX_SUBCOMMANDS, parse
from mcp_stack_proxy.upstream.cli.model import Command, Option, Positional
from tests.upstream.cli import texts


def option(command, name):
    (found,) = [one for one in command.options if name in one.names]
    return found


def shown(command):
    """Options in short: names, and `!` for required, `*` for repeated, `=` for a value, `?` for one that can be left out."""
    return {one.names[-1]: "".join(marks_of(one)) for one in command.options}


def marks_of(one):
    marks = ((one.required, "!"), (one.repeated, "*"), (one.value is not None, "="), (one.optional, "?"))
    return [mark for is_so, mark in marks if is_so]


def positionals(command):
    """Values in short: `name`, `[name]` where it can be left out, `name...` where it repeats, `-- name` behind the separator."""
    return [
        ("-- " if one.separated else "") + (one.name if one.required else f"[{one.name}]") + ("..." if one.repeated else "")
        for one in command.positionals
    ]


OPTIONS = [
    ("ARGPARSE", ["make"], {"--level": "=", "--keep": "=", "--verbose": "*", "--target": "!=", "--label": "="}),
    ("CLICK", ["push"], {"--count": "=", "--ratio": "=", "--format": "=", "--cache": "", "--name": "!=", "--tag": "*="}),
    ("TYPER", ["add"], {"-b": "!=", "--priority": "=", "--pin": ""}),
    (
        "COBRA",
        ["get"],
        {"--all": "", "--output": "=", "--limit": "=", "--label": "*=", "--since": "=", "--weight": "=", "--debug": ""},
    ),
    ("KUBECTL", ["pods"], {"--all": "", "--limit": "=", "--output": "=", "--file": "*=", "--where": "="}),
    ("CLAP", [], {"--ignore-case": "", "--color": "=", "--verbose": "*", "--threads": "=", "--sort": "="}),
    ("CLAP_EITHER", ["compile"], {"--group": "="}),
    ("GNU", [], {"--create": "", "--get": "", "--directory": "=", "--color": "=?", "-I": "", "--level": "=", "--human": ""}),
    ("GIT", ["log"], {"--quiet": "", "--color": "=?", "--notes": "", "-L": "=", "--decorate": "=?", "--max-count": "="}),
    ("DOCOPT", [], {"--speed": "=", "--moored": ""}),
    ("CURL", [], {"--data": "=", "--output": "="}),
    ("MANUAL", ["log"], {"--follow": "", "--decorate": "=?"}),
    ("FIND", [], {}),
    ("COLOURED", [], {"--fast": ""}),
    ("BUSYBOX", [], {}),
]


@pytest.mark.parametrize(("text", "path", "expected"), OPTIONS, ids=[one[0] for one in OPTIONS])
def test_options_are_found_whatever_prints_them(text, path, expected):
    assert shown(parse(texts.EVERY[text], path)) == expected


POSITIONALS = [
    ("ARGPARSE", ["make"], ["name", "[extra]..."], False),
    ("ARGPARSE_SUBCOMMANDS", [], [], True),
    ("CLICK", ["push"], ["IMAGE", "[TAGS]..."], False),
    ("TYPER", ["add"], ["TITLE"], False),
    ("COBRA", ["get"], ["KIND", "[NAME]"], False),
    ("KUBECTL", ["pods"], [], True),
    ("CLAP", [], ["PATTERN", "[PATH]..."], False),
    ("CLAP_EITHER", ["compile"], ["[FILE]"], True),
    ("GNU", [], ["[FILE]..."], False),
    ("GIT", ["log"], ["[revision-range]", "-- [path]..."], False),
    ("GIT", ["show"], ["object..."], False),
    ("STASH", ["stash", "drop"], ["[stash]"], False),
    ("STASH", ["stash", "save"], ["[message]"], False),
    ("DOCOPT", ["ship", "new"], ["name..."], False),
    ("CURL", [], ["url"], False),
    ("NPM", [], [], True),
    ("MANUAL", ["log"], ["[path]..."], False),
    ("LIST", [], [], True),
    ("COLOURED", [], [], True),
    ("BUSYBOX", [], [], True),
]


@pytest.mark.parametrize(
    ("text", "path", "expected", "open_"), POSITIONALS, ids=["-".join([one[0], *one[1]]) for one in POSITIONALS]
)
def test_values_without_an_option_are_found_in_the_usage_line(text, path, expected, open_):
    command = parse(texts.EVERY[text], path)
    assert positionals(command) == expected
    assert command.open is open_


SUBCOMMANDS = [
    ("ARGPARSE", []),
    ("ARGPARSE_SUBCOMMANDS", ["make", "list"]),
    ("CLICK_GROUP", ["push", "roll-out"]),
    ("COBRA_GROUP", ["get", "scale", "completion"]),
    ("CLAP", []),
    ("GNU", []),
    ("GIT_GROUP", ["clone", "init", "log"]),
    ("BUSYBOX", ["arch", "ash", "base64", "cat", "chmod"]),
    ("NPM", ["access", "audit", "bugs", "ci"]),
    ("LIST", ["arch", "ash", "base64"]),
    ("CURL", []),
    ("FIND", []),
]


@pytest.mark.parametrize(("text", "expected"), SUBCOMMANDS, ids=[one[0] for one in SUBCOMMANDS])
def test_subcommands_are_found_in_their_tables(text, expected):
    command = parse(texts.EVERY[text])
    assert [entry.name for entry in command.subcommands] == expected
    assert not any(entry.inline for entry in command.subcommands)


@pytest.mark.parametrize(
    ("text", "path", "expected", "alone"),
    [
        ("DOCOPT", [], ["ship", "mine"], True),
        ("DOCOPT", ["ship"], ["new"], True),
        ("STASH", ["stash"], ["list", "drop", "save"], True),
    ],
)
def test_without_a_table_the_words_of_the_usage_lines_are_subcommands(text, path, expected, alone):
    command = parse(texts.EVERY[text], path)
    assert [entry.name for entry in command.subcommands] == expected
    assert all(entry.inline for entry in command.subcommands)
    assert command.alone is alone


def test_what_is_said_of_things_is_kept():
    assert parse(texts.ARGPARSE).summary == "Make a backup."
    assert parse(texts.GNU).summary == "Squeeze FILEs into an archive."
    assert parse(texts.CLICK).summary == "Push an image to the registry."
    assert parse(texts.COBRA).summary == "Show things."
    assert parse(texts.CLAP).summary == "Finds text"
    assert parse(texts.ARGPARSE, ["make"]).positionals[0].description == "what to back up"
    assert parse(texts.CLAP).positionals[1].description == "Where to look"
    assert option(parse(texts.ARGPARSE), "--target").description == "where to, such as -1 for the last place"
    assert option(parse(texts.GNU), "-C").description == "work in DIR, -which must exist"
    assert [entry.summary for entry in parse(texts.CLICK_GROUP).subcommands][1] == "Roll it out."
    assert parse(texts.ARGPARSE_SUBCOMMANDS).subcommands[0].summary == "make a backup"


@pytest.mark.parametrize(
    ("text", "name", "choices"),
    [
        ("ARGPARSE", "--level", ("fast", "best")),
        ("CLICK", "--format", ("json", "yaml", "table")),
        ("COBRA", "-o", ("json", "yaml")),
        ("KUBECTL", "-o", ("json", "yaml")),
        ("CLAP", "--color", ("auto", "always", "never")),
        ("CLAP", "--sort", ("path", "size")),
        ("GNU", "--color", ()),
        ("MANUAL", "--decorate", ("short", "full")),
    ],
)
def test_choices_are_those_that_the_help_lists(text, name, choices):
    assert option(parse(texts.EVERY[text]), name).choices == choices


@pytest.mark.parametrize(
    ("text", "name", "types", "default"),
    [
        ("ARGPARSE", "--keep", ("integer", "string"), "7"),
        ("CLICK", "-c", ("integer",), "1"),
        ("CLICK", "--ratio", ("number",), None),
        ("CLICK", "--format", ("string",), "table"),
        ("CLICK", "--cache", ("boolean",), None),
        ("COBRA", "--limit", ("integer",), "10"),
        ("COBRA", "-o", ("string",), "yaml"),
        ("COBRA", "--weight", ("number",), None),
        ("KUBECTL", "--limit", ("integer",), "500"),
        ("KUBECTL", "--where", ("string",), "here"),
        ("DOCOPT", "--speed", ("string",), "10"),
    ],
)
def test_types_and_defaults_are_those_that_the_help_shows(text, name, types, default):
    found = option(parse(texts.EVERY[text]), name)
    assert (found.types, found.default) == (types, default)


@pytest.mark.parametrize(
    ("text", "options", "subcommands", "values"),
    [
        ("Examples:\n  First:\n    --no option\n\nOptions:\n  --yes  y\n", ["--yes"], [], []),
        ("Commands:\n  one  First, where\n    --no:\n  two:\n  three  Third\n", ["--no"], ["one", "two", "three"], []),
        ("usage: x [-h] {fast,slow}\n\nshow this help message and exit", [], [], ["choice"]),
        ("usage: x [-h] {fast,slow} ...\n\nshow this help message and exit", [], [], []),
        ("usage: x [-h] {1,2}\n\nshow this help message and exit", [], [], ["choice"]),
        ("usage: x [-h] {*,%}\n\nshow this help message and exit", [], [], []),
        ("usage: x [--level {1,2}] FILE", [], [], ["FILE"]),
        ("Options:\n  -x ~/file  Read it\n", ["-x"], [], []),
        ("usage: python -m x.y FILE [FILE ...]", [], [], ["FILE..."]),
    ],
)
def test_odd_lines_are_read_for_what_they_are(text, options, subcommands, values):
    command = parse(text)
    assert [one.names[0] for one in command.options] == options
    assert [entry.name for entry in command.subcommands] == subcommands
    assert positionals(command) == values


def test_a_switch_knows_its_opposite():
    assert option(parse(texts.CLICK), "--cache").negative == "--no-cache"
    assert option(parse(texts.TYPER), "--pin").negative == "--no-pin"
    assert option(parse(texts.GIT), "--notes").negative == "--no-notes"
    assert option(parse(texts.MANUAL), "--decorate").negative == "--no-decorate"
    assert option(parse(texts.KUBECTL), "--all").explicit


def test_help_itself_is_no_option_and_no_subcommand():
    for text in texts.EVERY.values():
        command = parse(text)
        assert not any("--help" in one.names for one in command.options)
        assert "help" not in [entry.name for entry in command.subcommands]
    assert option(parse(texts.GNU), "-h").names == ("-h", "--human")


@pytest.mark.parametrize(
    "text", ["", "\n\n", "error: unknown command", "Segmentation fault", "\0\0", "no\nhelp at all, just words\n"]
)
def test_what_is_no_help_says_so(text):
    assert parse(text) == Command(summary=parse(text).summary)
    assert not parse(text).is_help


def test_a_text_without_end_is_read_as_far_as_the_bounds():
    many = "Usage: x [OPTIONS]\n\nOptions:\n" + "".join(f"  --option-{number}  text\n" for number in range(4000))
    assert len(parse(many).options) == MAX_OPTIONS
    commands = "Usage: x COMMAND\n\nCommands:\n" + "".join(f"  sub-{number}  text\n" for number in range(4000))
    assert len(parse(commands).subcommands) == MAX_SUBCOMMANDS
    assert parse("[" * 300_000) == Command(summary=parse("[" * 300_000).summary)
    assert parse("usage: x " + "[<" * 200_000).positionals == ()


PIECES = st.sampled_from(
    [line for text in texts.EVERY.values() for line in text.splitlines()]
    + [
        "usage:",
        "Usage: x [",
        "(",
        "--",
        "--[no-]",
        "-",
        "[--",
        "{a,b",
        "...",
        "Commands:",
        "Arguments:",
        "│",
        "\x1b[",
        "  --x=",
        "* --y",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PIECES, max_size=40).map("\n".join) | st.text(max_size=400),
    st.lists(st.sampled_from(["a", "log", "make"]), max_size=3),
)
def test_no_text_breaks_the_reader(text, path):
    command = parse(text, path)
    for one in command.options:
        assert isinstance(one, Option)
        assert one.names
        assert all(name.startswith("-") and len(name) > 1 and " " not in name for name in one.names)
        assert one.value != ""
        assert not (one.value is None and (one.optional or one.choices))
    assert len({one.name for one in command.positionals}) == len(command.positionals)
    assert all(isinstance(one, Positional) and one.name for one in command.positionals)
    assert all(entry.name and not entry.name.startswith("-") for entry in command.subcommands)


REAL = [
    (["tar", "--help"], {"-c", "--create", "--file", "--to-command"}, ["[FILE]..."]),
    (["grep", "--help"], {"-r", "--max-count", "-h", "--no-filename"}, ["PATTERNS", "[FILE]..."]),
    (["ls", "--help"], {"--all", "--color", "-h"}, ["[FILE]..."]),
    (["git", "clone", "-h"], {"--depth", "--upload-pack", "-b"}, ["-- repo", "-- [dir]"]),
    (["git", "log", "-h"], {"--quiet", "-L"}, ["[revision-range]", "-- [path]..."]),
]


@pytest.mark.parametrize(("command", "names", "values"), REAL, ids=[" ".join(one[0]) for one in REAL])
def test_programs_of_this_machine_are_understood(command, names, values):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    said = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "LANG": "C", "HOME": "/"})
    found = parse(said.stdout or said.stderr, command[1:-1])
    assert names <= {name for one in found.options for name in one.names}
    assert positionals(found) == values
