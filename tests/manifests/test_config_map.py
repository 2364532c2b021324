import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_stack.manifests.config_map import content_digest, file_key
from mcp_stack.spec import config_text

texts = st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4)


@pytest.mark.parity("aggregate.configmap")
def test_a_change_makes_a_new_map_and_rolls_the_pods_no_change_rolls_nothing(render):
    first, same, other = render(), render(), render({"gateway.instructions": "Be kind."})
    assert first == same
    old, new = (one.one("ConfigMap", "test-gateway-config-") for one in (first, other))
    assert old["metadata"]["name"] != new["metadata"]["name"]
    assert re.fullmatch(r"test-gateway-config-[0-9a-f]{10}", new["metadata"]["name"])
    assert old["immutable"] is new["immutable"] is True
    (volume,) = [one for one in other.pod("test-gateway")["volumes"] if one["name"] == "config"]
    assert volume["configMap"]["name"] == new["metadata"]["name"]
    assert first.one("Deployment", "test-box") == other.one("Deployment", "test-box")


@pytest.mark.parity("aggregate.configmap")
def test_the_map_holds_placeholders_and_no_secret(render):
    rendered = render(value_of=lambda _: "s3cr3t-value")
    maps = [one for one in rendered if one["kind"] == "ConfigMap"]
    assert "Bearer ${TOKEN}" in maps[-1]["data"]["proxy.yaml"]
    assert all("s3cr3t-value" not in str(one) for one in rendered if one["kind"] != "Secret")


@given(texts, texts)
def test_equal_content_and_only_equal_content_has_one_digest(one, other):
    assert (content_digest(one) == content_digest(other)) == (one == other)
    assert content_digest(dict(reversed(one.items()))) == content_digest(one)


@given(st.lists(st.from_regex(r"(/[^/\0]{1,80}){1,3}", fullmatch=True), unique=True, max_size=5))
def test_file_keys_are_unique_and_valid(paths):
    keys = {file_key(path) for path in paths}
    assert len(keys) == len(paths)
    assert all(re.fullmatch(r"[-._a-zA-Z0-9]{1,253}", key) for key in keys)


def test_the_text_in_the_map_is_the_one_that_a_local_run_reads(render):
    config = {"servers": {"a": {"url": "http://a"}}}
    assert config_text(config) == config_text(dict(config))
    assert render().one("ConfigMap", "test-box-config-")["data"]["proxy.yaml"].startswith("allowed_hosts:\n- test-box\n")
