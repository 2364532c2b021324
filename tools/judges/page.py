"""docs/judges.md, from verdicts."""

from collections.abc import Iterable
from dataclasses import dataclass

from .verdict import VERSION, Verdict

HEAD = f"""# Judges

Who looks at manifests, and what they find in ours and in the Kubernetes objects that the pages of the five seeds show. Written by
`python -m tools.judges`; change that, not this page.

| judge | what it sees |
|---|---|
| kubernetes-validate, strict | unknown and wrong fields, by the API's own schemas (here {VERSION}; `make test`: all supported) |
| checkov | known bad practice; nothing is waived here |
| restricted | pods that a namespace with the restricted pod security standard refuses: our own check, one number for each fault |
| admission | the same, by the API server's own library: one number for each of its checks that refuses a workload |
| kube-score | bad practice beyond what a stack file chooses by a key (`replicas: 1`, `pull_policy`) |
| together | our own checks of what no judge of single objects sees: references, ports, selectors, flows, drains |

`make test` puts every shipped stack, and generated ones of 1 and of 50 servers, before all of them and takes no finding. It draws
random stacks, too: `make stacks STACKS=500` draws 500 valid ones, which have to pass all judges but the two programs, and 500
with up to four mistakes, each of which has to be named by its path.

trivy's checks (trivy-checks 1.10.0, a Go module) run in a program of ours, because trivy's own could not be had; those that ask
for one cloud's registry alone, or for what is the namespace's owner's, are left out by name (`tests/judges/trivy.py`). yamllint
reads every manifest with its relaxed rules, but for the length of lines: images with digests and queries cannot be broken. zizmor
judges the workflows.

Pod Security Admission (k8s.io/pod-security-admission 0.37.2, a Go module) runs in a program of ours, too (`tools/pod-security`):
over every pod in every supported version, and over every fault that our own check knows, so that the two cannot come to differ.

Not to be had where this was measured: kubescape, kyverno's CLI, pluto, kubent, popeye, datree. What pluto and kubent look for,
interfaces that are going away, `make test` asks of every object itself.

kubeconform is to be had as a Go module and sees what kubernetes-validate sees, from the same schemas, so it is not used.
kube-linter is not used: its module could not be had where this was measured (403). What its default checks say of variables, probes
and spreading, which no judge above sees, `make test` asks after its documentation (`tests/judges/kube_linter.py`).

Others were tried on all that is rendered here and find nothing that holds, so `make test` has no use for them:

| judge | finds | why it stays |
|---|---|---|
| Monokle (practices, pod security, links; npm) | nothing | |
| polaris | no priority class; a single replica, without budget or spreading; pulling `IfNotPresent` | keys of the stack file |
| polaris | no number of replicas | beside an autoscaler none is said on purpose |
| polaris | the label `app.kubernetes.io/instance` is not the object's name | it names the stack, as Kubernetes means it |
| polaris | no network policy for some pods | it takes policies that select by one label; ours select by two |
| polaris | variables called `…_TOKEN_FILE` | paths, no secrets |
| kube-score, polaris | Recreate where two pods cannot have one volume | the alternative is a rollout that never ends |
| checkov, kube-score, trivy, Monokle | no user id with `assigned_user` | OpenShift fills it in, and refuses pods that have one |
| kubeaudit, kubesec | no AppArmor profile | the runtime's holds on nodes with AppArmor; others refuse pods that name one |
| kubeaudit | `privileged` is not said | it is false where nothing is said, as Pod Security Admission takes it |
| kubesec | `hostUsers` is not false | a key of the stack file (`security.user_namespace`): not every runtime and volume can |
| kubesec | entries of /etc/hosts | a key of the stack file (`host_aliases`) |
| netpol-analyzer (without blocks of IPv6, which it misreads) | no way between pods, or to private addresses, but declared ones | |
| dashboard-linter | no variables `job` and `instance` | the series are selected by stack and proxy |
| pint (offline) | nothing | |
| kustomize | builds every directory that `render` writes | |
| actionlint (workflows) | nothing | |
| hadolint (Dockerfiles) | commands that could be one | they start no shell, so nothing joins them |
| check-jsonschema (`mcp-stack schema`) | nothing against its metaschema | |
| yaml-language-server, with that schema | nothing in any stack file; misspelt keys and wrong kinds, where there are some | |

## Ours beside the pages

Of a page, only objects of Kubernetes itself are judged. Kinds of a seed's own (002, 004), and what a chart or a kustomization
makes that the page does not show (001, 002, 003), have nothing to look at; so the numbers are of what a reader is shown, not of
everything that the seed would install, and `together` is left out.

| seed | what | whose | objects | schema | checkov failed / passed | restricted | admission | kube-score | together |
|---|---|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A verdict on the page of a seed, or on an `example` of ours; None where the page shows nothing that can be judged."""

    seed: str
    what: str
    example: str | None
    verdict: Verdict | None


def page(rows: Iterable[Row]) -> str:
    """The page as Markdown."""
    return HEAD + "".join(f"| {' | '.join(_cells(row))} |\n" for row in rows)


def _cells(row: Row) -> list[str]:
    one, whose = row.verdict, row.example or "its page"
    if one is None:
        return [row.seed, row.what, whose, "none shown", *["-"] * 6]
    together = "-" if one.together is None else str(one.together)
    numbers = [one.objects, one.schema, f"{one.failed} / {one.passed}", one.restricted, one.admission, one.score, together]
    return [row.seed, row.what, whose, *map(str, numbers)]
