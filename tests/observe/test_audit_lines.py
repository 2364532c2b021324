"""A line made from a form is the line that the encoder writes for the same call."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mcp_stack_proxy.identity import Principal
from mcp_stack_proxy.observe.audit_lines import MOST, Forms
from mcp_stack_proxy.observe.audit_record import AuditRecord, Stamps, describe, run
from mcp_stack_proxy.observe.outcomes import OUTCOMES
from mcp_stack_proxy.wire.envelope import raw

STRANGE = st.sampled_from(["%b", "%", '"id":""', '"timestamp":""', '"client":null', '"request_bytes":1', "é\u2028", '\\"', "\x00"])
TEXT = st.one_of(STRANGE, st.text(max_size=40).filter(lambda text: text.isprintable() or text.isascii()))
NAME = st.one_of(TEXT, st.just("x" * 3000))
METHOD = st.one_of(st.sampled_from(["tools/call", "prompts/get", "resources/read", "tools/list"]), TEXT)
CALLER = st.one_of(st.none(), st.builds(Principal, TEXT, st.just(frozenset()), TEXT))
SIZE = st.integers(1, 2**40)


def encoded(number, now, kind, caller, client, microseconds, received, sent):
    """What the record of the same call is encoded as."""
    method, outcome, server, name, _, _ = kind
    id_ = f"{run()}{number:x}"
    duration = microseconds / 1000
    record = AuditRecord(Stamps().at(now), id_, "serve:http", method, outcome, outcome == "ok", duration, server)
    record.request_bytes, record.response_bytes = received, sent
    describe(record, {}, name, {}, caller, client, "none")
    return record.line()


def kind_of(method, outcome, server, name, caller):
    return (method, outcome, server, name, *((None, None) if caller is None else (caller.subject, caller.key_id)))


@given(
    st.floats(0, 4e9),
    METHOD,
    st.sampled_from(sorted(OUTCOMES)),
    st.one_of(st.none(), TEXT),
    NAME,
    CALLER,
    TEXT,
    st.one_of(st.integers(0, 10_000_000), st.integers(0, 10**13)),
    SIZE,
    SIZE,
)
def test_it_is_the_line_of_the_record(now, method, outcome, server, name, caller, client, microseconds, received, sent):
    forms = Forms("serve:http")
    call = (now, kind_of(method, outcome, server, name, caller), caller, raw({"name": client}), microseconds, received, sent)
    for _ in "first", "from the form that is kept":
        line = forms.line(*call)
        number = int(json.loads(line)["id"].removeprefix(run()), 16)
        assert line == encoded(number, *call)


def test_every_part_of_a_millisecond_is_written_as_the_encoder_writes_it():
    forms = Forms("serve:http")
    for microseconds in range(3000):
        call = (1.0, ("tools/call", "ok", "s", "t", None, None), None, raw({}), microseconds, 1, 1)
        line = forms.line(*call)
        assert line == encoded(int(json.loads(line)["id"].removeprefix(run()), 16), *call)


def test_names_that_clients_make_up_fill_no_memory():
    forms = Forms("serve:http")
    for number in range(3 * MOST):
        forms.line(1.0, ("tools/call", "ok", "s", f"t{number}", None, None), None, raw({}), 1, 1, 1)
        assert len(forms) <= MOST
    kept = len(forms)
    forms.line(1.0, ("tools/call", "ok", "s", "t" * 300, None, None), None, raw({}), 1, 1, 1)
    assert len(forms) == kept
