"""Tools out of commands: names, schemas, and the way of arguments to a command line that no value can break out of."""

import json
import re
import shlex
from dataclasses import replace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.upstream.cli.arguments import MAX_WORD, MAX_WORDS, Unusable, stdin_of, words_of
from mcp_stack_proxy.upstream.cli.help import parse
from mcp_stack_proxy.upstream.cli.model import Command, Entry, Option, Positional
from mcp_stack_proxy.upstream.cli.tools import MAX_NAME, tool_name, tool_of, unique
from tests.upstream.cli import texts


def made(command, *words, stdin=False, offered=lambda option: True):
    return tool_of(words, command, "t", "", offered, stdin=stdin)


def line(tool, end_of_options=None, joined_values=True, **arguments):
    return words_of(tool, arguments, end_of_options=end_of_options, joined_values=joined_values)


@pytest.mark.parametrize(
    ("prefix", "words", "name"),
    [
        ("git", ["log"], "git_log"),
        ("git", ["remote", "show"], "git_remote_show"),
        ("git", [], "git"),
        ("", ["log"], "log"),
        ("", [], "run"),
        ("my tool.exe", ["a:b", "c.d"], "my_tool_exe_a_b_c_d"),
        ("__x", ["-"], "x_-"),
    ],
)
def test_a_tool_is_named_after_its_words(prefix, words, name):
    assert tool_name(prefix, words) == name


def test_a_tool_that_is_declared_to_change_nothing_says_so():
    tool = replace(made(Command()), read_only=True)
    assert tool.listed()["annotations"] == {"readOnlyHint": True}


def test_a_value_is_one_of_its_choices():
    tool = made(Command(positionals=(Positional("speed", choices=("fast", "slow")),), open=False))
    assert line(tool, speed="slow") == ["slow"]
    with pytest.raises(Unusable, match="`speed` must be one of: fast, slow"):
        line(tool, speed="slower")


def test_long_names_are_cut_and_stay_apart():
    one, other = tool_name("x", ["a" * 80, "1"]), tool_name("x", ["a" * 80, "2"])
    assert len(one) == len(other) == MAX_NAME
    assert one != other
    assert unique("a", []) == "a"
    assert unique("a", ["a", "a_2"]) == "a_3"
    assert unique("a" * MAX_NAME, ["a" * MAX_NAME]) == "a" * (MAX_NAME - 2) + "_2"


def test_arguments_have_names_of_their_own():
    command = Command(
        options=(
            Option(("-n",)),
            Option(("-N",)),
            Option(("--dry-run", "-d")),
            Option(("--dry_run",)),
            Option(("-é",)),
            Option(("--stdin",)),
        ),
        positionals=(Positional("n"), Positional("<a b>")),
        open=True,
    )
    assert [*made(command, stdin=True).parameters] == ["n", "N", "dry_run", "dry_run_2", "value", "stdin_2", "n_2", "a_b", "args"]
    assert [*made(command).parameters][5] == "stdin"


@pytest.mark.parametrize(
    ("option", "schema"),
    [
        (Option(("-a",)), {"type": "boolean"}),
        (Option(("-a",), repeated=True), {"type": "integer", "minimum": 0, "maximum": 10}),
        (Option(("-a",), repeated=True, negative="--no-a"), {"type": "boolean"}),
        (Option(("-a",), "x", description="d"), {"type": "string", "description": "d"}),
        (Option(("-a",), "x", types=("integer",), default="7"), {"type": "integer", "default": 7}),
        (Option(("-a",), "x", types=("integer",), default="seven"), {"type": "integer"}),
        (Option(("-a",), "x", types=("number",), default="0.5"), {"type": "number", "default": 0.5}),
        (Option(("-a",), "x", types=("number",), default="nan"), {"type": "number"}),
        (Option(("-a",), "x", types=("integer", "string")), {"type": ["integer", "string"]}),
        (Option(("-a",), "x", choices=("p", "q"), default="q"), {"type": "string", "enum": ["p", "q"], "default": "q"}),
        (Option(("-a",), "x", choices=("p", "q"), default="r"), {"type": "string", "enum": ["p", "q"]}),
        (Option(("-a",), "x", optional=True), {"type": ["string", "boolean"]}),
        (Option(("-a",), "x", optional=True, choices=("p",)), {"type": ["string", "boolean"], "enum": ["p", True, False]}),
        (Option(("-a",), "x", repeated=True, default="p"), {"type": "array", "items": {"type": "string"}}),
    ],
)
def test_an_option_has_the_schema_of_what_it_takes(option, schema):
    (found,) = made(Command(options=(option,), open=False)).listed()["inputSchema"]["properties"].values()
    assert found == schema


def test_values_have_the_schema_of_what_they_are():
    command = Command(
        positionals=(Positional("a"), Positional("b", repeated=True), Positional("c", required=False, choices=("x",))), open=False
    )
    listed = made(command, stdin=True).listed()
    assert listed["inputSchema"]["required"] == ["a", "b"]
    properties = listed["inputSchema"]["properties"]
    assert properties["b"] == {"type": "array", "items": {"type": "string"}, "minItems": 1}
    assert properties["c"] == {"type": "string", "enum": ["x"]}
    assert properties["stdin"]["type"] == "string"
    assert "annotations" not in listed


@pytest.mark.parametrize("text", [*texts.EVERY])
def test_every_schema_is_one_and_every_name_is_safe(text):
    listed = made(parse(texts.EVERY[text])).listed()
    jsonschema.Draft202012Validator.check_schema(listed["inputSchema"])
    jsonschema.Draft202012Validator.check_schema(listed["outputSchema"])
    assert listed["inputSchema"]["additionalProperties"] is False
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in listed["inputSchema"]["properties"])


def test_what_is_not_said_is_made_up_for():
    assert made(Command(), "a", "b").description == "Runs `a b`"
    assert made(Command()).description == "Runs the program"
    assert tool_of([], Command(), "t", "From the table", lambda option: True, stdin=False).description == "From the table"


FULL = Command(
    options=(
        Option(("-v", "--verbose"), repeated=True),
        Option(("-q",)),
        Option(("--cache",), negative="--no-cache"),
        Option(("--all",), explicit=True),
        Option(("-o", "--output"), "FILE"),
        Option(("-s",), "SIZE"),
        Option(("-out",), "FILE", joined=True),
        Option(("--color",), "WHEN", optional=True, negative="--no-color"),
        Option(("-j",), "N", optional=True, types=("integer", "string")),
        Option(("--tag",), "TAG", repeated=True),
        Option(("--level",), "L", choices=("a", "b")),
        Option(("--count",), "N", types=("integer",)),
        Option(("--ratio",), "N", types=("number",)),
    ),
    positionals=(Positional("first"), Positional("rest", required=False, repeated=True)),
    subcommands=(Entry("drop", inline=True),),
    open=False,
)
LINES = [
    ({"first": "x"}, "x"),
    ({"first": "x", "verbose": 2, "q": True}, "--verbose --verbose -q x"),
    ({"first": "x", "verbose": 0, "q": False}, "x"),
    ({"first": "x", "cache": True, "all": False}, "--cache --all=false x"),
    ({"first": "x", "cache": False, "all": True}, "--no-cache --all=true x"),
    ({"first": "x", "output": "--evil", "s": "-"}, "--output=--evil -s - x"),
    ({"first": "x", "output": "", "s": ""}, "--output= -s '' x"),
    ({"first": "x", "out": "-evil"}, "-out=-evil x"),
    ({"first": "x", "color": True, "j": True}, "--color -j x"),
    ({"first": "x", "color": False, "j": False}, "--no-color x"),
    ({"first": "x", "color": "-a", "j": "4"}, "--color=-a -j4 x"),
    ({"first": "x", "j": 4}, "-j4 x"),
    ({"first": "x", "tag": ["-a", "b"]}, "--tag=-a --tag=b x"),
    ({"first": "x", "level": "b", "count": -3, "ratio": 0.5}, "--level=b --count=-3 --ratio=0.5 x"),
    ({"first": "x", "ratio": 2}, "--ratio=2 x"),
    ({"first": "x", "count": 2.0}, "--count=2 x"),
    ({"first": "a b", "rest": ["$(c)", "-", ""]}, "'a b' '$(c)' - ''"),
    ({"first": "x", "rest": None, "q": None}, "x"),
]


@pytest.mark.parametrize(("arguments", "expected"), LINES)
def test_arguments_become_words(arguments, expected):
    assert line(made(FULL, "sub"), **arguments) == ["sub", *shlex.split(expected)]


REFUSED = [
    ({}, "`first` is required"),
    ({"first": "x", "other": 1}, "`other` is no argument of this tool; it has: all, cache"),
    ({"first": 1}, "`first` must be a string"),
    ({"first": "-x"}, "`first` begins with `-`"),
    ({"first": "drop"}, "'drop' is a subcommand, which is a tool of its own"),
    ({"first": "x", "rest": "y"}, "`rest` must be a list of strings"),
    ({"first": "x", "rest": [1]}, "`rest` must be a list of strings"),
    ({"first": "x", "rest": ["y", "--z"]}, "`rest` begins with `-`"),
    ({"first": "x", "verbose": True}, "`verbose` must be a whole number from 0 to 10"),
    ({"first": "x", "verbose": 11}, "`verbose` must be a whole number from 0 to 10"),
    ({"first": "x", "verbose": "1"}, "`verbose` must be a whole number from 0 to 10"),
    ({"first": "x", "q": "yes"}, "`q` must be true or false"),
    ({"first": "x", "output": True}, "`output` needs a value: a string"),
    ({"first": "x", "output": ["a"]}, "`output` must be a string"),
    ({"first": "x", "output": 1}, "`output` must be a string"),
    ({"first": "x", "s": "-x"}, "`s` begins with `-`, and could be taken for an option"),
    ({"first": "x", "j": "4o/etc/passwd"}, "`j` takes a number only"),
    ({"first": "x", "j": "²"}, "`j` takes a number only"),
    ({"first": "x", "j": -4}, "`j` takes a number only"),
    ({"first": "x", "tag": "a"}, "`tag` must be a list"),
    ({"first": "x", "level": "c"}, "`level` must be one of: a, b"),
    ({"first": "x", "count": "3"}, "`count` must be a whole number"),
    ({"first": "x", "count": 0.5}, "`count` must be a whole number"),
    ({"first": "a\0b"}, "`first` holds a NUL character"),
    ({"first": "\ud800"}, "`first` holds half of a surrogate pair"),
    ({"first": "é" * MAX_WORD}, f"`first` has {2 * MAX_WORD} bytes, an argument of a process at most {MAX_WORD}"),
    ({"first": "x", "rest": ["y"] * MAX_WORDS}, f"the call has {MAX_WORDS + 1} words, at most {MAX_WORDS}"),
]


@pytest.mark.parametrize(("arguments", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_cannot_be_passed_on_safely_is_refused(arguments, says):
    with pytest.raises(Unusable) as caught:
        line(made(FULL), **arguments)
    assert says in str(caught.value)


def test_a_list_that_has_to_hold_something_does():
    tool = made(Command(positionals=(Positional("files", repeated=True),), open=False))
    with pytest.raises(Unusable, match="`files` needs at least one value"):
        line(tool, files=[])


def test_behind_the_end_of_options_anything_goes():
    tool = made(FULL)
    assert line(tool, end_of_options="--", first="-x", rest=["--y"]) == ["--", "-x", "--y"]
    assert line(tool, end_of_options="--", first="x", output="o") == ["--output=o", "--", "x"]
    log = made(parse(texts.GIT, ["log"]), "log")
    assert line(log, path=["-x"]) == ["log", "--", "-x"]
    assert line(log, revision_range="a..b", path=["-x"]) == ["log", "a..b", "--", "-x"]
    assert line(log, end_of_options="--end-of-options", revision_range="-a", path=["x"]) == [
        "log",
        "--end-of-options",
        "-a",
        "--",
        "x",
    ]
    assert line(log, end_of_options="--", path=["x"]) == ["log", "--", "x"]
    assert line(log, end_of_options="--") == ["log"]
    with pytest.raises(Unusable, match="`revision_range` begins with `-`"):
        line(log, revision_range="--output=x")


def test_programs_that_know_no_joined_values_get_two_words():
    tool = made(FULL)
    assert line(tool, joined_values=False, first="x", output="o", tag=["a"]) == ["--output", "o", "--tag", "a", "x"]
    assert line(tool, joined_values=False, first="x", color="red") == ["--color=red", "x"]
    assert line(tool, joined_values=False, first="x", out="o") == ["-out", "o", "x"]
    with pytest.raises(Unusable, match="`output` begins with `-`"):
        line(tool, joined_values=False, first="x", output="-o")


def test_the_rest_of_a_loose_usage_line_is_a_list():
    tool = made(Command(open=True))
    assert line(tool, args=["a", "b"]) == ["a", "b"]
    assert made(parse(texts.STASH, ["stash"]), "stash").reserved == {"list", "drop", "save"}


def test_options_that_are_held_back_are_unknown():
    tool = made(FULL, offered=lambda option: "--output" not in option.names)
    with pytest.raises(Unusable, match="`output` is no argument"):
        line(tool, first="x", output="o")
    with pytest.raises(Unusable, match="it has: none"):
        line(made(Command(open=False)), x=1)


def test_input_is_text_and_only_where_it_is_asked_for():
    assert stdin_of(made(FULL, stdin=True), {"stdin": "é"}) == "é".encode()
    assert stdin_of(made(FULL, stdin=True), {"stdin": "\ud800"}) == b"?"
    assert stdin_of(made(FULL, stdin=True), {}) == b""
    assert stdin_of(made(FULL), {"stdin": "x"}) == b""
    with pytest.raises(Unusable, match="`stdin` must be a string"):
        stdin_of(made(FULL, stdin=True), {"stdin": 1})


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-20, 20)
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.lists(st.text(max_size=4), max_size=3)
)
ALLOWED = {name for option in FULL.options for name in (*option.names, option.negative)}


@given(st.dictionaries(st.sampled_from([*made(FULL).parameters]), VALUES))
def test_whatever_is_given_no_word_is_an_option_but_those_of_the_help(arguments):
    tool = made(FULL)
    try:
        words = line(tool, **arguments)
    except Unusable:
        return
    for word in words:
        assert not word.startswith("-") or word == "-" or word.partition("=")[0] in ALLOWED or re.fullmatch(r"-j\d+", word)
    plain = {name: value for name, value in arguments.items() if value is not None}
    jsonschema.validate(json.loads(json.dumps(plain)), tool.listed()["inputSchema"])


@given(st.dictionaries(st.sampled_from([*made(FULL).parameters]), VALUES))
def test_what_the_schema_refuses_is_refused(arguments):
    tool = made(FULL)
    plain = {name: value for name, value in arguments.items() if value is not None}
    if jsonschema.Draft202012Validator(tool.listed()["inputSchema"]).is_valid(plain):
        return
    with pytest.raises(Unusable):
        line(tool, **arguments)
