"""The engine's side of a program: what the SDK's own mocks leave out or get wrong."""

import asyncio
import threading

import pulumi
import pulumi_kubernetes as k8s
import pytest

from mcp_stack.preview.engine import Settings, execute
from mcp_stack.preview.errors import PreviewError
from mcp_stack.preview.values import Secret, Unknown


def run(program, config=None, secrets=(), **options):
    return execute(program, Settings("shop", "dev", config or {}, secrets), **options)


def by_name(found):
    return {resource.name: resource for resource in found.resources}


class Shelf(pulumi.ComponentResource):
    def __init__(self, name, opts=None, inner=None):
        super().__init__("shop:index:Shelf", name, None, opts)
        if inner:
            inner(pulumi.ResourceOptions(parent=self))
        self.register_outputs({})


def config_map(name, opts=None, **fields):
    return k8s.core.v1.ConfigMap(name, metadata={"name": name}, data={"a": "b"}, opts=opts, **fields)


def test_an_urn_names_every_parents_type():
    def program():
        Shelf("outer", inner=lambda opts: Shelf("inner", opts, lambda below: config_map("deep", below)))

    found = by_name(run(program))
    assert found["deep"].urn == "urn:pulumi:dev::shop::shop:index:Shelf$shop:index:Shelf$kubernetes:core/v1:ConfigMap::deep"
    assert found["deep"].parent == found["inner"].urn
    assert not found["inner"].custom


def test_a_name_that_is_taken_is_refused():
    with pytest.raises(pulumi.RunError, match="two resources have the URN urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::one"):
        run(lambda: [config_map("one"), config_map("one")])


def test_the_same_name_below_two_parents_is_two_resources():
    def program():
        for name in ("left", "right"):
            Shelf(name, inner=lambda opts, name=name: config_map(f"{name}-map", opts))

    assert {"left-map", "right-map"} <= set(by_name(run(program)))


def test_whole_numbers_stay_whole():
    def program():
        k8s.core.v1.Service(
            "web", metadata={"name": "web"}, spec={"ports": [{"port": 80, "target_port": 8080}], "cluster_ip": "None"}
        )

    (port,) = by_name(run(program))["web"].inputs["spec"]["ports"]
    assert port == {"port": 80, "targetPort": 8080}
    assert [type(number) for number in port.values()] == [int, int]


def test_a_fraction_stays_one():
    found = run(lambda: pulumi.export("share", 0.5))
    assert found.outputs == {"share": 0.5}


def test_secrets_come_marked():
    def program():
        token = pulumi.Config().require_secret("token")
        k8s.core.v1.Secret("s", metadata={"name": "s"}, string_data={"header": pulumi.Output.concat("Bearer ", token)})
        pulumi.export("token", token)

    found = run(program, {"shop:token": "hush"}, ["shop:token"])
    data = by_name(found)["s"].inputs["stringData"]
    assert (data if isinstance(data, Secret) else Secret(data)).value in (
        {"header": "Bearer hush"},
        {"header": Secret("Bearer hush")},
    )
    assert found.outputs == {"token": Secret("hush")}
    assert "hush" not in repr(found)


def test_what_only_a_provider_could_tell_is_unknown():
    seen = []

    def program():
        one = config_map("one")
        pulumi.Output.from_input(one.id).apply(seen.append)
        service = k8s.core.v1.Service("web", metadata={"name": "web"})
        address = service.status.apply(lambda status: status.load_balancer)
        k8s.core.v1.ConfigMap("two", metadata={"name": "two"}, data={"id": one.id, "ip": address})

    data = by_name(run(program))["two"].inputs["data"]
    assert data == {"id": Unknown(), "ip": Unknown()}
    assert seen == []


def test_an_object_without_a_name_gets_one_that_its_readers_see():
    def program():
        made = k8s.core.v1.ConfigMap("settings", data={"a": "b"}, metadata={"labels": {"x": "y"}})
        pulumi.export("name", made.metadata.name)

    first, second = run(program), run(program)
    metadata = by_name(first)["settings"].inputs["metadata"]
    assert metadata["name"].startswith("settings-")
    assert metadata["labels"] == {"x": "y"}
    assert first.outputs == second.outputs == {"name": metadata["name"]}


def test_options_and_aliases_are_recorded():
    def program():
        provider = k8s.Provider("cluster", namespace="shop")
        first = config_map("first", pulumi.ResourceOptions(provider=provider))
        config_map(
            "second",
            pulumi.ResourceOptions(
                provider=provider,
                protect=True,
                retain_on_delete=True,
                depends_on=[first],
                ignore_changes=["data"],
                custom_timeouts=pulumi.CustomTimeouts(create="5m"),
                aliases=[pulumi.Alias(name="former"), pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE, name="root")],
            ),
        )

    found = by_name(run(program))
    second = found["second"]
    assert second.provider == found["cluster"].urn
    assert second.options["protect"] is True
    assert second.options["retainOnDelete"] is True
    assert second.options["dependencies"] == [found["first"].urn]
    assert second.options["ignoreChanges"] == ["data"]
    assert second.options["customTimeouts"] == {"create": "5m"}
    assert "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::former" in second.aliases
    assert "urn:pulumi:dev::shop::kubernetes:core/v1:ConfigMap::root" in second.aliases


def labelled(key):
    def transform(args):
        if args.type_ != "kubernetes:core/v1:ConfigMap":
            return None
        metadata = args.props["metadata"]
        labels = {**metadata.get("labels", {}), key: str(len(metadata.get("labels", {})))}
        return pulumi.ResourceTransformResult({**args.props, "metadata": {**metadata, "labels": labels}}, args.opts)

    return transform


def test_transforms_run_from_the_resource_outwards():
    def program():
        pulumi.runtime.register_resource_transform(labelled("stack"))
        opts = pulumi.ResourceOptions(transforms=[labelled("component")])
        own = pulumi.ResourceOptions(transforms=[labelled("own")])
        Shelf("shelf", opts, lambda below: config_map("one", pulumi.ResourceOptions.merge(below, own)))

    labels = by_name(run(program))["one"].inputs["metadata"]["labels"]
    assert labels == {"own": "0", "component": "1", "stack": "2"}


def test_a_transform_may_change_options():
    def keep(args):
        return pulumi.ResourceTransformResult(
            args.props, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(protect=True))
        )

    found = by_name(run(lambda: config_map("one", pulumi.ResourceOptions(transforms=[keep]))))
    assert found["one"].options["protect"] is True


def test_nothing_of_one_run_is_left_for_the_next():
    def first():
        pulumi.runtime.register_resource_transform(labelled("left-over"))
        pulumi.runtime.set_config("shop:extra", "1")
        config_map("one")
        pulumi.export("first", 1)

    run(first, {"shop:token": "x"}, ["shop:token"])
    seen = {}

    def second():
        config = pulumi.Config()
        seen.update(extra=config.get("extra"), token=config.get("token"))
        config_map("one")

    found = run(second)
    assert seen == {"extra": None, "token": None}
    assert found.outputs == {}
    assert "labels" not in by_name(found)["one"].inputs["metadata"]


async def test_a_caller_may_have_a_loop_of_its_own():
    assert len(run(lambda: config_map("one")).resources) == 1
    await asyncio.sleep(0)


def test_an_output_that_nothing_resolves_ends_in_time():
    def program():
        pulumi.export("never", pulumi.Output.from_input(asyncio.get_event_loop().create_future()))

    with pytest.raises(PreviewError, match=r"did not end within 0\.2 s: it loops, or waits for an Output that nothing resolves"):
        run(program, timeout_seconds=0.2)


def test_a_program_that_blocks_is_left_behind(monkeypatch):
    monkeypatch.setattr("mcp_stack.preview.engine.GRACE_SECONDS", 0.1)
    go_on = threading.Event()
    try:
        with pytest.raises(PreviewError, match=r"did not end within 0\.1 s"):
            run(go_on.wait, timeout_seconds=0.1)
    finally:
        go_on.set()


def test_an_asynchronous_entry_point_exports_what_it_returns():
    def program():
        async def main():
            return {"name": config_map("one").metadata.name}

        pulumi.run(main)

    assert run(program).outputs == {"name": "one"}


def test_a_stack_reference_answers_with_unknowns():
    def program():
        other = pulumi.StackReference("organization/network/dev")
        pulumi.export("subnet", other.require_output("subnet"))

    found = run(program)
    assert found.outputs == {"subnet": Unknown()}
    (reference,) = found.resources
    assert reference.read


def test_what_a_program_looks_up_is_marked_as_there():
    found = run(lambda: k8s.core.v1.Secret.get("tokens", "mcp/tokens"))
    (secret,) = found.resources
    assert (secret.read, secret.options["id"]) == (True, "mcp/tokens")


def test_a_function_of_a_provider_is_a_clear_refusal():
    with pytest.raises(pulumi.RunError, match="calls cloud:index:getZones, which only a provider can answer"):
        run(lambda: pulumi.runtime.invoke("cloud:index:getZones", {}))


def test_a_logged_error_fails_and_a_warning_is_kept():
    with pytest.raises(PreviewError, match=r"^the disk is full$"):
        run(lambda: pulumi.log.error("the disk is full"))
    assert run(lambda: pulumi.log.warn("the disk is filling")).warnings == ("the disk is filling",)


def test_an_assertion_in_an_apply_is_not_lost():
    def check(name):
        raise AssertionError(f"not {name}")

    with pytest.raises(AssertionError, match="not one"):
        run(lambda: config_map("one").metadata.name.apply(check) and None)


def test_a_thousand_resources_are_evaluated():
    assert len(run(lambda: [config_map(f"map-{number}") for number in range(1000)]).resources) == 1000
