"""A stack file stands for one stack: what two readers of YAML take for different values is refused, with its place."""

import pytest

from mcp_stack.spec.load import problems_beside
from mcp_stack.spec.reading import read

STACK = "config:\n  acme:stack:\n"


def told(text):
    return [str(problem) for problem in read(text)[1]]


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("- a", ["a"]),
        (
            "a: 1\nb: -3\nc: 1.5\nd: 1.0e+3\ne: True\nf: ~\ng:\nh: x",
            {"a": 1, "b": -3, "c": 1.5, "d": 1000.0, "e": True, "f": None, "g": None, "h": "x"},
        ),
        ("a: 'yes'\nb: \"012\"\nc: |\n  1e3\n", {"a": "yes", "b": "012", "c": "1e3\n"}),
        ("\ufeffa: 1\r\nb: grüße ☕\r\n", {"a": 1, "b": "grüße ☕"}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}\ne: {<<: *x, b: 3}", {"a": {"b": 1}, "c": {"b": 1, "d": 2}, "e": {"b": 3}}),
        ("\"on\": 1\n'1': 2", {"on": 1, "1": 2}),
    ],
)
def test_plain_yaml_is_read_as_it_stands(text, data):
    assert read(text) == (data, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("yes", '`yes` is a boolean here, and a text to Pulumi; write true or false, or "yes"'),
        ("012", '`012` is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "012"'),
        ("0x1F", '`0x1F` is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "0x1F"'),
        ("12:30:00", '`12:30:00` is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "12:30:00"'),
        ("1_000", '`1_000` is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "1_000"'),
        ("1e3", '`1e3` is a text here, and a number to Pulumi; write it as a decimal number, or as "1e3"'),
        ("0o17", '`0o17` is a text here, and a number to Pulumi; write it as a decimal number, or as "0o17"'),
        (".nan", '`.nan` is no plain decimal number; write it as one, or as ".nan"'),
        ("1.0e+999", '`1.0e+999` is no plain decimal number; write it as one, or as "1.0e+999"'),
        ("2026-01-31", '`2026-01-31` is a point in time to YAML; put it in quotes: "2026-01-31"'),
        ("9" * 5000, "a whole number of 5000 digits, of at most 64 bits; put a text in quotes"),
        (str(2**63), "a whole number of 19 digits, of at most 64 bits; put a text in quotes"),
        ("!!binary aGk=", "values of type tag:yaml.org,2002:binary mean nothing here; write a text, a number, true or false"),
        ("!env x", "values of type !env mean nothing here; write a text, a number, true or false"),
    ],
)
def test_a_value_that_two_readers_take_differently_is_refused(text, problem):
    assert told(f"{STACK}    domain: {text}") == [f"domain: line 3: {problem}"]


def test_what_may_be_a_secret_is_not_repeated():
    assert told(f"{STACK}    servers: {{a: {{env: {{PIN: 0123}}}}}}") == [
        'servers.a.env.PIN: line 3: this is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "…"'
    ]
    assert told("config:\n  acme:pin: 0123") == [
        'config.acme:pin: line 2: this is octal, hexadecimal, in sixties or with `_`; write it as a decimal number, or as "…"'
    ]


def test_all_faults_are_told_at_once_with_their_places():
    lines = ("a: 1", "a: 2", "b: {x: 1, x: 2}", "ON: 1", "1: 2", "~: 3", "? [a]", ": 4", "? {a: b}", ": off")
    text = STACK + "".join(f"    {line}\n" for line in lines)
    assert told(text) == [
        "a: written twice (line 3 and 4); keep one of them",
        'ON: line 6: this key is no text but of type bool; put it in quotes: "ON"',
        '1: line 7: this key is no text but of type int; put it in quotes: "1"',
        '~: line 8: this key is no text but of type null; put it in quotes: "~"',
        "a list: line 9: a list is no key; a key is a text",
        "a mapping: line 11: a mapping is no key; a key is a text",
        "b.x: written twice (line 5); keep one of them",
        'a mapping: line 12: `off` is a boolean here, and a text to Pulumi; write true or false, or "off"',
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:\n\tb: 1", "found character that cannot start any token, line 2 column 1; a tab cannot indent, use spaces"),
        ("a: [", "did not find expected node content, line 2 column 1"),
        ("a: *nope", "found undefined alias, line 1 column 4"),
        ("a: {<<: 3}", "expected a mapping or list of mappings for merging, but found scalar, line 1 column 9"),
        ("--- 1\n--- 2", "but found another document, line 2 column 1"),
        ("a: &x [*x]", "nested deeper than 50 levels, aliases written out"),
    ],
)
def test_what_is_no_yaml_names_the_line_and_not_what_is_in_it(text, problem):
    assert told(text) == [f"cannot be parsed: {problem}"]


def test_control_characters_are_refused():
    (problem,) = told("a: \x00")
    assert problem.startswith("cannot be parsed: unacceptable character #x0000")


def test_aliases_that_stand_for_more_than_any_memory_holds_are_refused():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    assert told("\n".join(lines)) == ["cannot be parsed: more than 200000 values, aliases written out"]


def test_nesting_beyond_reason_is_refused():
    assert told("[" * 60 + "]" * 60) == ["cannot be parsed: nested deeper than 50 levels, aliases written out"]


def test_what_else_is_wrong_is_told_in_the_same_breath():
    text = f"{STACK}    servers: {{a: {{comand: [x], replicas: 02}}, b: {{command: [x], env: {{A: 1, B: yes}}}}}}"
    data, found = read(text)
    told = [str(problem) for problem in problems_beside(found, data["config"]["acme:stack"], "dev", cluster=False)]
    places = [line.split(": ")[0] for line in told]
    assert places == ["servers.a.replicas", "servers.b.env.B", "servers.a.comand", "servers.b.env.A"]


def test_what_is_right_but_for_its_yaml_has_no_further_problems():
    data, found = read(f"{STACK}    servers: {{a: {{command: [x], replicas: 02}}}}")
    assert problems_beside(found, data["config"]["acme:stack"], "dev", cluster=False) == found
