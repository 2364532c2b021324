"""The file of API keys: what it may say, and that nothing of it is ever repeated."""

import hashlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.config import ConfigError, Source
from mcp_stack_proxy.config.api_keys import MAX_BYTES, MIN_LENGTH, digest_of, entries_text, new_key, parse_keys

HASHES = ["sha256:" + hashlib.sha256(b"%d" % number).hexdigest() for number in range(3)]
ENTRY = {"subject": "agent", "roles": ["reader"], "hash": HASHES[0]}


def parse(data):
    return parse_keys(Source("keys.yaml", data if isinstance(data, str) else json.dumps(data)))


def problems(data):
    with pytest.raises(ConfigError) as caught:
        parse(data)
    assert caught.value.source == "keys.yaml"
    return [str(problem) for problem in caught.value.problems]


def test_an_entry_is_found_by_the_digest_of_its_key():
    [(digest, entry)] = parse(f"- subject: agent\n  roles: [reader]\n  hash: {HASHES[0]}\n").items()
    assert digest == hashlib.sha256(b"0").digest()
    assert (entry.subject, entry.roles) == ("agent", ["reader"])


def test_a_subject_may_have_several_keys_and_need_not_have_a_role():
    found = parse([{"subject": "agent", "hash": one} for one in HASHES])
    assert [entry.subject for entry in found.values()] == ["agent"] * 3


SUBJECT = "a subject has 1 to 128 letters, digits and `._@:/+-`, and begins with a letter or digit"
ROLE = "a role has 1 to 64 letters, digits and `._:/-`, and begins with a letter or digit"
HASH = "expected `sha256:` and 64 hexadecimal digits in lower case, the SHA-256 of the key; never the key itself"
LIST = "expected a list with at least one entry `{subject, roles, hash}`"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", [LIST]),
        ([], [LIST]),
        ({"keys": [ENTRY]}, [LIST]),
        ("a text", [LIST]),
        (["s3cr3t"], ["[0]: a text: expected a mapping of keys"]),
        ([{**ENTRY, "rols": []}], ["[0].rols: unknown key, did you mean `roles`?"]),
        ([{"roles": []}], ["[0].subject: required, but missing", "[0].hash: required, but missing"]),
        ([{**ENTRY, "subject": ""}], [f"[0].subject: {SUBJECT}"]),
        ([{**ENTRY, "subject": "a b"}], [f"[0].subject: {SUBJECT}"]),
        ([{**ENTRY, "subject": "a\n"}], [f"[0].subject: {SUBJECT}"]),
        ([{**ENTRY, "subject": "a" * 129}], [f"[0].subject: {SUBJECT}"]),
        ([{**ENTRY, "roles": ["a b"]}], [f"[0].roles: {ROLE}"]),
        ([{**ENTRY, "roles": ["a", "a"]}], ["[0].roles: a role is given twice"]),
        ([ENTRY, {**ENTRY, "hash": "s3cr3t-key-in-clear"}], [f"[1].hash: {HASH}"]),
        ([{**ENTRY, "hash": HASHES[0].upper()}], [f"[0].hash: {HASH}"]),
        ([{**ENTRY, "hash": HASHES[0] + "\n"}], [f"[0].hash: {HASH}"]),
        ([{**ENTRY, "hash": 5}], ["[0].hash: a number is no text; put it in quotes"]),
        ([ENTRY, {**ENTRY, "subject": "b"}], ["[1].hash: the key of entry [0] again; each key stands for one subject"]),
        ("- {subject: a, subject: b}", ["cannot be parsed: key 'subject' is written twice: line 1 column 16"]),
        ("- [", ["cannot be parsed: expected the node content, but found '<stream end>': line 1 column 4"]),
        ("#" * (MAX_BYTES + 1), [f"larger than {MAX_BYTES} bytes"]),
    ],
)
def test_a_file_that_could_mean_something_else_is_refused(data, expected):
    assert problems(data) == expected


@given(st.text(max_size=60))
def test_whatever_stands_where_a_hash_belongs_is_not_repeated(text):
    shown = "\n".join(problems([{**ENTRY, "hash": f"s3cr3t{text}"}]))
    assert "s3cr3t" not in shown


def test_a_new_key_is_long_random_and_recognised_by_what_its_entry_says():
    key, entry = new_key("ci@example.com", ["reader", "writer"])
    assert len(key) >= MIN_LENGTH
    assert key != new_key("ci@example.com")[0]
    assert key not in entries_text([entry])
    assert entry.hash == digest_of(key.encode())
    assert yaml.safe_load(entries_text([entry])) == [
        {"subject": "ci@example.com", "roles": ["reader", "writer"], "hash": digest_of(key.encode())}
    ]
    assert list(parse(entries_text([entry])).values()) == [entry]


def test_entries_can_be_put_one_after_the_other():
    entries = [new_key("a")[1], new_key("b", ["r"])[1]]
    assert list(parse("".join(entries_text([entry]) for entry in entries)).values()) == entries


def test_a_name_that_no_entry_may_have_makes_no_key():
    with pytest.raises(ConfigError, match=r"subject: a subject has 1 to 128"):
        new_key("two words")
