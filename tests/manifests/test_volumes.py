import pytest

OWN = {"servers.web.secrets": {"key": {"config": "key"}}}


def mounts(rendered, name="test-web"):
    return {one["mountPath"]: one for one in rendered.container(name)["volumeMounts"]}


def volume(rendered, name):
    (found,) = [one for one in rendered.pod("test-web")["volumes"] if one["name"] == name]
    return found


def test_tmp_can_be_written_and_has_a_bound(render):
    rendered = render({"servers.web.writable": ["/var/cache/web"]})
    assert set(mounts(rendered)) == {"/tmp", "/var/cache/web"}
    assert all(one["emptyDir"] == {"sizeLimit": "1Gi"} for one in rendered.pod("test-web")["volumes"])


def test_contents_lie_beside_what_the_image_has(render):
    rendered = render({"servers.web.files": {"/app/a.json": {"content": "{}"}, "/app/b.json": {"content": "[]"}}})
    single = mounts(rendered)
    data = rendered.one("ConfigMap", "test-web-files-")["data"]
    assert {path: data[single[path]["subPath"]] for path in ("/app/a.json", "/app/b.json")} == {
        "/app/a.json": "{}",
        "/app/b.json": "[]",
    }
    assert volume(rendered, "files")["configMap"]["name"] == rendered.one("ConfigMap", "test-web-files-")["metadata"]["name"]


@pytest.mark.parity("stack.secret-consume")
def test_a_secrets_directory_is_mounted_whole_so_that_rotation_reaches_it(render):
    files = {"/run/s/key": {"secret": "key"}, "/run/s/settings": {"content": "x"}, "/app/a": {"content": "y"}}
    rendered = render({**OWN, "servers.web.files": files})
    found = mounts(rendered)
    assert set(found) == {"/tmp", "/app/a", "/run/s"}
    assert "subPath" not in found["/run/s"]
    map_name = rendered.one("ConfigMap", "test-web-files-")["metadata"]["name"]
    (secret, content) = volume(rendered, found["/run/s"]["name"])["projected"]["sources"]
    assert secret == {"secret": {"name": "test-web.key", "items": [{"key": "value", "path": "key"}]}}
    assert content["configMap"]["name"] == map_name
    assert content["configMap"]["items"][0]["path"] == "settings"


def test_two_directories_of_secrets_are_two_volumes(render):
    rendered = render({**OWN, "servers.web.files": {"/run/a/k": {"secret": "key"}, "/run/b/k": {"secret": "key"}}})
    assert {"/run/a", "/run/b"} <= set(mounts(rendered))
    assert not rendered.has("ConfigMap", "test-web-files")
