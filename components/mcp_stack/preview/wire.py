"""Pulumi's property encoding to plain data, with secrets and unknowns kept apart."""

from typing import Any

from google.protobuf import struct_pb2

from .values import Secret, Unknown

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of a map that stands for something else (pulumi/sdk/go/common/resource/properties.go)."""

SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - marks secrets, is none
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def plain(struct: struct_pb2.Struct) -> Any:
    """The properties of a request. Numbers travel as floats; whole ones become ints again, as they were written."""
    fields = struct.fields
    if SIGNATURE in fields:
        return _special(fields[SIGNATURE].string_value, struct)
    return {key: plain_value(value) for key, value in fields.items() if value.WhichOneof("kind") != "null_value"}


def plain_value(value: struct_pb2.Value) -> Any:
    """One property."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return Unknown() if value.string_value == UNKNOWN else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        return plain(value.struct_value)
    if kind == "list_value":
        return [plain_value(inner) for inner in value.list_value.values]
    return None


def _special(signature: str, struct: struct_pb2.Struct) -> Any:
    fields = struct.fields
    if signature == SECRET:
        return Secret(plain_value(fields["value"]))
    if signature == OUTPUT:
        inner = plain_value(fields["value"]) if "value" in fields else Unknown()
        return Secret(inner) if "secret" in fields and fields["secret"].bool_value else inner
    if signature == RESOURCE:
        return fields["urn"].string_value
    return {key: plain_value(value) for key, value in fields.items() if key != SIGNATURE}
