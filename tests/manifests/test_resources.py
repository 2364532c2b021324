import pytest


@pytest.mark.parity("stack.resources")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, (("100m", "128Mi"), ("1", "512Mi"))),
        ({"requests": {"cpu": "200m"}}, (("200m", "128Mi"), ("1", "512Mi"))),
        ({"requests": {"memory": "4Gi"}}, (("100m", "4Gi"), ("1", "4Gi"))),
        ({"limits": {"memory": "64Mi"}}, (("100m", "64Mi"), ("1", "64Mi"))),
        ({"requests": {"cpu": "1"}, "limits": {"cpu": "2"}}, (("1", "128Mi"), ("2", "512Mi"))),
    ],
)
def test_what_is_written_stands_over_defaults_that_give_way(render, written, expected):
    found = render({"servers.web.resources": written}).container("test-web")["resources"]
    assert tuple((found[kind]["cpu"], found[kind]["memory"]) for kind in ("requests", "limits")) == expected


@pytest.mark.parity("stack.resources")
def test_the_stacks_defaults_are_merged_field_by_field(render):
    defaults = {"requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"ephemeral_storage": "2Gi"}}
    rendered = render({"defaults.resources": defaults, "servers.web.resources": {"requests": {"cpu": "70m"}}})
    assert rendered.container("test-web")["resources"] == {
        "requests": {"cpu": "70m", "memory": "32Mi", "ephemeral-storage": "32Mi"},
        "limits": {"ephemeral-storage": "2Gi", "cpu": "1", "memory": "512Mi"},
    }


def test_the_gateway_is_sized_like_the_seed_says(render):
    assert render().container("test-gateway")["resources"] == {
        "requests": {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "32Mi"},
        "limits": {"cpu": "1", "memory": "256Mi", "ephemeral-storage": "2Gi"},
    }


def test_the_nodes_disk_is_bounded_for_logs_and_every_writable_directory(render):
    limits = render({"servers.web.writable": ["/data", "/var/cache"]}).container("test-web")["resources"]["limits"]
    assert limits["ephemeral-storage"] == "4Gi"
