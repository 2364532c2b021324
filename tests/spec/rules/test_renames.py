import pytest

OTHER = {"image": {"repository": "acme/other", "tag": "1.0.0"}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"servers.web.formerly": "site"}, []),
        ({"servers.web.formerly": "web"}, ["servers.web.formerly: does nothing, it is the server's name; remove it"]),
        (
            {"servers.web.formerly": "other", "servers.other": OTHER},
            ["servers.web.formerly: 'other' is another server of this stack, whose objects have that name; rename that one first"],
        ),
        (
            {"servers.web.formerly": "other", "servers.other": {**OTHER, "enabled": False}},
            ["servers.web.formerly: 'other' is another server of this stack, whose objects have that name; rename that one first"],
        ),
        (
            {"servers.web.formerly": "site", "servers.other": {**OTHER, "formerly": "site"}},
            ["servers.web.formerly: 'site' is the former name of server 'other', too; only one can have its objects"],
        ),
        (
            {"servers.web.formerly": "gateway"},
            ["servers.web.formerly: 'gateway' names the stack's own objects; call the server otherwise"],
        ),
        (
            {
                "servers.web.formerly": "db-pods",
                "servers.db": {**OTHER, "storage": {"claims": {"d": {"path": "/d", "size": "1Gi"}}}},
            },
            ["servers.web: its Service has the name of the one of 'db''s pods; call it otherwise"],
        ),
        (
            {
                "servers.web-pods": OTHER,
                "servers.web.formerly": "site",
                "servers.web.storage": {"claims": {"d": {"path": "/d", "size": "1Gi"}}},
            },
            [],
        ),
    ],
)
def test_a_former_name_is_one_servers_own(problems, changes, expected):
    assert problems(changes) == expected
