"""Pulumi's property encoding, case by case."""

import pytest
from google.protobuf import struct_pb2

from mcp_stack.preview.values import Secret, Unknown
from mcp_stack.preview.wire import OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWN, plain

ASSET = "c44067f5952c0a294b673a41bacd8c17"


@pytest.mark.parametrize(
    ("encoded", "value"),
    [
        ("text", "text"),
        (3.0, 3),
        (0.5, 0.5),
        (True, True),
        ([1.0, {"a": 2.0}], [1, {"a": 2}]),
        (UNKNOWN, Unknown()),
        ({SIGNATURE: SECRET, "value": {"a": 1.0}}, Secret({"a": 1})),
        ({SIGNATURE: OUTPUT, "value": "x", "secret": True}, Secret("x")),
        ({SIGNATURE: OUTPUT, "value": "x"}, "x"),
        ({SIGNATURE: OUTPUT}, Unknown()),
        ({SIGNATURE: RESOURCE, "urn": "urn:pulumi:dev::a::b::c"}, "urn:pulumi:dev::a::b::c"),
        ({SIGNATURE: ASSET, "text": "content"}, {"text": "content"}),
    ],
)
def test_a_property_is_decoded(encoded, value):
    struct = struct_pb2.Struct()
    struct.update({"it": encoded})
    found = plain(struct)["it"]
    assert found == value
    assert type(found) is type(value)


def test_null_is_as_good_as_absent():
    struct = struct_pb2.Struct()
    struct.update({"it": None, "list": [None]})
    assert plain(struct) == {"list": [None]}
