import re

import pytest

STORAGE = {"claims": {"data": {"path": "/data", "size": "5Gi"}}}
CLAIM = {"claim": {"size": "10Gi"}}
KEYS = {"access_key_id": {"secret": "id"}, "secret_access_key": {"secret": "key"}}


def bucket(**s3):
    return {"to": {"s3": {"bucket": "acme-backups", **s3}}}


def of_web(backup, storage=STORAGE, **others):
    return {
        "servers.web.storage": storage,
        "servers.web.backup": backup,
        **{f"servers.web.{key}": value for key, value in others.items()},
    }


@pytest.mark.parametrize(
    ("backup", "why"),
    [
        ({"to": CLAIM}, []),
        (bucket(), []),
        ({"to": {"existing_claim": {"name": "one"}}}, []),
        ({}, ["servers.web.backup.to: required: say where backups are kept"]),
        ({"to": {**CLAIM, "s3": {"bucket": "acme-backups"}}}, ["servers.web.backup.to: give one of .*, not claim and s3"]),
        ({"to": CLAIM, "schedule": "61 * * * *"}, ["servers.web.backup.schedule: minute: '61' is not from 0 to 59"]),
        ({"to": CLAIM, "time_zone": "Mars/Base"}, ["servers.web.backup.time_zone: 'Mars/Base' is no time zone"]),
        ({"to": CLAIM, "keep": 0}, ["servers.web.backup.keep: "]),
        ({"to": CLAIM, "max_seconds": 604801}, ["servers.web.backup.max_seconds: 604801 is longer than a week"]),
        (
            {"to": CLAIM, "verify": {"enabled": False, "schedule": "@daily"}},
            ["servers.web.backup.verify.schedule: does nothing, `verify.enabled` is false"],
        ),
        (
            {"to": CLAIM, "resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "512Mi"}}},
            ["servers.web.backup.resources.requests.memory: 1Gi is above the limit of 512Mi"],
        ),
        (
            {"to": {"existing_claim": {"name": "one", "access_mode": "ReadWriteOncePod"}}},
            ["servers.web.backup.to: existing_claim: 'ReadWriteOncePod' does not do"],
        ),
        (bucket(bucket="No"), ["servers.web.backup.to.s3.bucket: 'No' is no name of a bucket"]),
        (bucket(bucket=7), ["servers.web.backup.to.s3.bucket: give the name of a bucket"]),
        (bucket(prefix="/a"), ["servers.web.backup.to.s3.prefix: "]),
        (bucket(credentials={}), ["servers.web.backup.to.s3.credentials: give either `access_key_id`"]),
        (bucket(credentials={"access_key_id": {"secret": "id"}}), [".*credentials: .* belong together", ".*"]),
        (bucket(credentials={**KEYS, "existing_secret": "one"}), [".*credentials: give either", ".*", ".*"]),
        (
            bucket(credentials={"existing_secret": "one"}, service_account_annotations={"a": "b"}),
            ["servers.web.backup.to.s3: `service_account_annotations` does nothing beside `credentials`"],
        ),
        (
            bucket(egress=[{"cidr": "169.254.169.254/32"}]),
            [r"servers.web.backup.to.s3.egress\[0\].cidr: 169.254.169.254 hands out credentials"],
        ),
        (
            bucket(credentials=KEYS),
            [
                "servers.web.backup.to.s3.credentials.access_key_id: no secret 'id' is declared",
                "servers.web.backup.to.s3.credentials.secret_access_key: no secret 'key' is declared",
            ],
        ),
    ],
)
def test_what_a_backup_may_say(problems, backup, why):
    found = problems(of_web(backup))
    assert bool(found) == bool(why)
    assert len(found) <= len(why), found
    assert all(re.match(start, one) for one, start in zip(found, why, strict=False)), found


def test_secrets_of_backups_are_used(problems):
    declared = {"secrets": {"id": {"config": "id"}, "key": {"config": "key"}}}
    assert problems({**of_web(bucket(credentials=KEYS)), **declared}) == []
    assert [one.partition(":")[0] for one in problems({**of_web({**bucket(credentials=KEYS), "enabled": False}), **declared})] == [
        "secrets.id",
        "secrets.key",
    ]


def test_a_server_without_storage_has_nothing_to_back_up(problems):
    assert problems({"servers.web.backup": {"to": CLAIM}}) == ["servers.web.backup: does nothing, it has no `storage`; remove it"]
    assert problems({"defaults.backup": {"to": CLAIM}}) == []


def test_a_volume_that_only_one_pod_may_mount_cannot_be_backed_up(problems):
    single = {"claims": {"data": {"path": "/data", "size": "5Gi", "access_mode": "ReadWriteOncePod"}}}
    (found,) = problems(of_web({"to": CLAIM}, single))
    assert found.startswith("servers.web.storage.claims.data.access_mode: 'ReadWriteOncePod' lets no second pod read it")
    assert problems(of_web({"to": CLAIM, "enabled": False}, single)) == []


def test_a_claim_of_one_node_does_not_do_for_pods_on_several(problems):
    several = {"storage": {**STORAGE, "replicated": True}, "replicas": 2}
    (found,) = problems(of_web({"to": {"existing_claim": {"name": "one"}}}, **several))
    assert found.startswith(
        "servers.web.backup.to.existing_claim.access_mode: 'ReadWriteOnce': 2 pods are backed up from their nodes"
    )
    shared = {"existing_claim": {"name": "one", "access_mode": "ReadWriteMany"}}
    assert problems(of_web({"to": shared}, **several)) == []
    assert problems(of_web({"to": CLAIM}, **several)) == []


def test_no_server_has_the_name_of_anothers_backups(problems):
    other = {"servers.web-backup": {"image": {"repository": "acme/other", "tag": "1.0.0"}}}
    (found,) = problems({**of_web({"to": CLAIM}), **other})
    assert found.startswith("servers.web-backup: its objects have the names of those that back up 'web'")


def test_backups_run_the_proxy_image_even_where_nothing_else_does(problems):
    changes = {**of_web({"to": CLAIM}), "proxy": {}, "gateway": {"enabled": False}}
    (found,) = problems(changes)
    assert found.startswith("proxy.image: required, backups of 'web' run it")


def test_a_server_inherits_backups_field_by_field_and_may_keep_them_elsewhere(load):
    usual = {"defaults.backup": {"keep": 3, "schedule": "@weekly", **bucket(region="eu-west-1", prefix="a")}}
    found = load({**usual, "servers.web.storage": STORAGE, "servers.web.backup": {"keep": 5}}).servers["web"].backup
    assert (found.keep, found.schedule, found.to.s3.region) == (5, "@weekly", "eu-west-1")
    found = load({**usual, **of_web({"to": {"s3": {"bucket": "acme-other"}}})}).servers["web"].backup
    assert (found.to.s3.bucket, found.to.s3.prefix, found.to.s3.region) == ("acme-other", "a", "eu-west-1")
    found = load({**usual, **of_web({"to": CLAIM})}).servers["web"].backup
    assert (found.to.s3, found.to.claim.size, found.keep) == (None, "10Gi", 3)


@pytest.mark.parametrize(
    ("backup", "hours"),
    [({}, 24 + 1 + 1 + 1), ({"schedule": "@hourly", "start_within_seconds": 600, "max_seconds": 600}, 2 + 1 / 3)],
)
def test_when_a_backup_is_overdue_follows_from_its_schedule(load, backup, hours):
    found = load(of_web({"to": CLAIM, **backup})).servers["web"].backup
    assert found.overdue_seconds == hours * 3600
