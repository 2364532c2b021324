"""The engine's side of a component package: what components register, and values as the engine sends them."""

from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

FEATURES = [
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
]

SECRET_SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}

OUTPUT_SIGNATURE = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4"}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The engine's side, as far as components need it: records what one registers, and answers with the same."""

    def __init__(self):
        self.registered = []

    def GetDeploymentInfo(self, request, context):
        return resource_pb2.DeploymentInfo(supportedFeatures=FEATURES)

    def RegisterResource(self, request, context):
        self.registered.append(request)
        urn = f"urn:pulumi:dev::any::{request.type}::{request.name}"
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=f"{request.name}-id" if request.custom else "", object=request.object
        )

    def RegisterResourceOutputs(self, request, context):
        return empty_pb2.Empty()

    def objects(self):
        """Inputs of every Kubernetes object by kind."""
        found = [json_format.MessageToDict(one.object) for one in self.registered if one.type.startswith("kubernetes:")]
        return {one["kind"]: one for one in found}


class Engine(engine_pb2_grpc.EngineServicer):
    """The engine's log."""

    def Log(self, request, context):
        return empty_pb2.Empty()

    def GetRootResource(self, request, context):
        return engine_pb2.GetRootResourceResponse(urn="")

    def SetRootResource(self, request, context):
        return engine_pb2.SetRootResourceResponse()


def output(value):
    """A secret output as today's engines send it: at its own place."""
    return {**OUTPUT_SIGNATURE, "value": value, "secret": True, "dependencies": []}


def secret(value):
    """A secret as it is sent without output values: the SDK then lifts the secrecy to the whole argument."""
    return {**SECRET_SIGNATURE, "value": value}


def unknown(dependency="urn:pulumi:dev::any::x::y"):
    """An output without a value, as today's engines send it in a preview."""
    return {**OUTPUT_SIGNATURE, "secret": False, "dependencies": [dependency]}


def first_envelope(value):
    if SECRET_SIGNATURE.items() <= value.items():
        return value
    return next((found for inner in value.values() if isinstance(inner, dict) and (found := first_envelope(inner))), {})
