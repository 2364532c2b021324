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


@pytest.mark.parity("stack.versioning-strategy")
@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ({"tag": "1.9.0"}, []),
        ({"tag": "2.0.0"}, ["servers.web.image.tag: '2.0.0' lies outside of `constraint` (^1.4); change one of them"]),
        (
            {"tag": "develop"},
            ["servers.web.image.tag: 'develop' is no semantic version, which `constraint` (^1.4) asks for; give one, or remove it"],
        ),
        ({"digest": DIGEST}, ["servers.web.image.tag: missing, which `constraint` (^1.4) asks for; give one, or remove it"]),
    ],
)
def test_a_tag_stays_in_the_range_that_an_image_names(problems, image, expected):
    assert problems({"servers.web.image": {"repository": "acme/web", "constraint": "^1.4", **image}}) == expected


def test_a_range_that_is_none_is_refused(problems):
    image = {"repository": "acme/web", "tag": "1.0.0", "constraint": "newest"}
    assert problems({"servers.web.image": image}) == [
        "servers.web.image.constraint: 'newest' in 'newest' is no part of a range of versions, such as `^1.4` or `>=1.4 <3`"
    ]


@pytest.mark.parity("stack.image-registry")
@pytest.mark.parametrize(
    ("registry", "image", "used"),
    [
        ("docker.io", {"repository": "acme/web"}, True),
        ("docker.io", {"repository": "acme/web", "pull_secrets": ["own"]}, False),
        ("docker.io", {"repository": "ghcr.io/acme/web"}, False),
        ("ghcr.io", {"repository": "ghcr.io/acme/web"}, True),
        ("ghcr.io/acme", {"repository": "ghcr.io/acme/web"}, True),
        ("ghcr.io/acm", {"repository": "ghcr.io/acme/web"}, False),
        ("registry.example.com:5000", {"repository": "web", "registry": "registry.example.com:5000"}, True),
    ],
)
@pytest.mark.parametrize("enabled", [True, False])
def test_credentials_that_nothing_is_pulled_with_are_refused(problems, registry, image, used, enabled):
    changes = {
        "proxy.image": {"repository": "quay.io/acme/proxy", "tag": "1.0.0"},
        "servers.other": {"image": {"repository": "quay.io/acme/x", "tag": "1.0.0"}},
        "servers.web": {"image": {"tag": "1.0.0", **image}, "enabled": enabled},
    }
    found = problems({**changes, "image.registries": {registry: ["secret"]}})
    assert [one.partition(":")[0] for one in found] == ([] if used else [f'image.registries."{registry}"'.partition(":")[0]])


def test_containers_beside_the_main_one_are_held_to_the_strategy(problems):
    changes = {
        "image.versioning": "semver",
        "servers.web.init_containers": [{"name": "a", "image": {"repository": "acme/a", "tag": "develop"}}],
        "gateway.init_containers": [{"name": "b", "image": {"repository": "acme/b", "tag": "1.0.0"}}],
    }
    assert problems(changes) == [
        "servers.web.init_containers[0].image.tag: 'develop' is no semantic version such as 1.4.2, "
        "which `image.versioning: semver` asks for"
    ]
