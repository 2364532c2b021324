"""Generators of External Secrets. They have no status, so nothing waits for them: the ExternalSecret that asks one has."""

from typing import Any

from ...spec import StackSpec
from ...spec.stores import SecretStoreSpec
from ...spec.stores.generators import AcrSpec, EcrSpec, GcrSpec, PasswordSpec
from ..identity import Manifest, assemble, shared_labels
from .fields import References, given

GENERATOR_API = "generators.external-secrets.io/v1alpha1"
"""The only version that there is (External Secrets 2.9)."""


def generator(spec: StackSpec, name: str) -> Manifest:
    """The generator that the store `name` is."""
    kind, object_name = spec.store_object(name)
    body = _body(spec.secret_stores[name], References(spec, name))
    return assemble(f"{GENERATOR_API} {kind}", object_name, spec.namespace, shared_labels(spec), spec.annotations, {"spec": body})


def _body(store: SecretStoreSpec, refer: References) -> dict[str, Any]:
    made = {
        "password": store.password and _password(store.password),
        "ecr": store.ecr and _ecr(store.ecr, refer),
        "gcr": store.gcr and _gcr(store.gcr, refer),
        "acr": store.acr and _acr(store.acr, refer),
    }
    return made[store.backend] or {}


def _password(one: PasswordSpec) -> dict[str, Any]:
    return given(
        {
            "length": one.length,
            "digits": one.digits,
            "symbols": one.symbols,
            "symbolCharacters": one.symbol_characters,
            "noUpper": one.no_upper,
            "allowRepeat": one.allow_repeat,
            "secretKeys": one.keys,
            "encoding": one.encoding,
        }
    )


def _ecr(one: EcrSpec, refer: References) -> dict[str, Any]:
    auth = one.auth and given(
        {
            "secretRef": refer.keys(one.auth.keys),
            "jwt": one.auth.service_account and {"serviceAccountRef": refer.account(one.auth.service_account)},
        }
    )
    return given({"region": one.region, "role": one.role, "scope": one.scope, "auth": auth})


def _gcr(one: GcrSpec, refer: References) -> dict[str, Any]:
    auth = given(
        {
            "secretRef": one.auth.key and {"secretAccessKeySecretRef": refer.secret(one.auth.key)},
            "workloadIdentity": refer.fields(
                one.auth.workload_identity, service_account="serviceAccountRef", cluster_project_id="clusterProjectID"
            ),
        }
    )
    return {"projectID": one.project_id, "auth": auth}


def _acr(one: AcrSpec, refer: References) -> dict[str, Any]:
    """Methods are told apart by their presence, whether or not there is anything to say of them."""
    auth: dict[str, Any] = {}
    if one.auth.service_principal is not None:
        auth["servicePrincipal"] = {"secretRef": refer.fields(one.auth.service_principal)}
    if one.auth.managed_identity is not None:
        auth["managedIdentity"] = given({"identityId": one.auth.managed_identity.identity_id})
    if one.auth.workload_identity is not None:
        auth["workloadIdentity"] = given({"serviceAccountRef": refer.account(one.auth.workload_identity.service_account)})
    fields = {"registry": one.registry, "tenantId": one.tenant_id, "scope": one.scope, "environmentType": one.cloud}
    return {**given(fields), "auth": auth}
