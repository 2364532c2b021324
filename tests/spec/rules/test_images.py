import pytest

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parity("stack.versioning-strategy", "stack.image-reference")
@pytest.mark.parametrize(
    ("versioning", "image", "expected"),
    [
        ("tag", {"tag": "develop"}, []),
        ("tag", {"digest": DIGEST}, []),
        ("tag", {}, ["servers.web.image: give a `tag` or a `digest`; there is no default, and never `latest`"]),
        ("tag", {"tag": "latest"}, ["servers.web.image.tag: 'latest' names another image tomorrow; give a version, or a digest"]),
        ("digest", {"tag": "1.0.0", "digest": DIGEST}, []),
        (
            "digest",
            {"tag": "1.0.0"},
            ["servers.web.image.digest: required, `image.versioning` is `digest`; a tag alone may point elsewhere tomorrow"],
        ),
        ("semver", {"tag": "v1.4.0-rc.1"}, []),
        (
            "semver",
            {"tag": "1.4"},
            ["servers.web.image.tag: '1.4' is no semantic version such as 1.4.2, which `image.versioning: semver` asks for"],
        ),
        (
            "semver",
            {"digest": DIGEST},
            ["servers.web.image.tag: missing, it is no semantic version such as 1.4.2, which `image.versioning: semver` asks for"],
        ),
    ],
)
def test_an_image_says_as_much_as_the_strategy_asks_for(problems, versioning, image, expected):
    proxy = {"repository": "acme/proxy", "tag": "1.0.0", "digest": DIGEST}
    changes = {"image.versioning": versioning, "proxy.image": proxy, "servers.web.image": {"repository": "acme/web", **image}}
    assert problems(changes) == expected


@pytest.mark.parametrize("versioning", ["tag", "digest", "semver"])
def test_no_strategy_lets_latest_pass(problems, versioning):
    found = problems({"image.versioning": versioning, "servers.web.image.tag": "latest"})
    assert "servers.web.image.tag: 'latest' names another image tomorrow; give a version, or a digest" in found


def test_the_proxy_image_is_held_to_the_strategy_where_something_runs_it(problems):
    assert problems({"proxy.image.tag": ..., "gateway.enabled": False}) == []
    assert problems({"proxy.image.tag": ...}) == [
        "proxy.image: give a `tag` or a `digest`; there is no default, and never `latest`"
    ]


def test_a_registry_beside_an_absolute_repository_is_refused(problems):
    image = {"repository": "ghcr.io/acme/web", "tag": "1.0.0", "registry": "docker.io"}
    assert problems({"servers.web.image": image}) == [
        "servers.web.image.registry: does nothing, 'ghcr.io/acme/web' already names its registry; remove one of them"
    ]
