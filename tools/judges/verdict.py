"""What every judge says of one set of objects, in numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_stack.preview.checks import External, check_objects
from mcp_stack.preview.documents import write
from mcp_stack.preview.rendered import KubeObject
from tests.judges import kube_score, pod_security
from tests.judges.checkov import reports
from tests.judges.schemas import schema_faults, unjudged

VERSION = "1.36"
POD_SECURITY = "pod-security"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings by judge. `together`: own checks of what fits together; None where only a part of a deployment is there to see."""

    objects: int
    schema: int
    failed: int
    passed: int
    restricted: int
    admission: int
    score: int
    together: int | None


def verdict(objects: Sequence[KubeObject], directory: Path, known: External | None) -> Verdict:
    """Of `objects`, which are written to `directory` for the judges that are programs of their own. `known`: what the cluster has
    beside a whole deployment; None says that the objects are a part of one.
    """
    write(objects, directory)
    (report,) = reports([directory])
    summary: dict[str, Any] = report.get("summary", report)
    found = check_objects(objects, known)
    return Verdict(
        objects=len(objects),
        schema=sum(len(schema_faults(item.plain, VERSION)) for item in objects if not unjudged(item.plain)),
        failed=summary["failed"],
        passed=summary["passed"],
        restricted=sum(finding.check == POD_SECURITY for finding in found),
        admission=len(pod_security.complaints(objects, VERSION)),
        score=len([one for one in kube_score.complaints(directory, directory.name) if one != "nothing was looked at"]),
        together=None if known is None else sum(finding.fails for finding in found if finding.check != POD_SECURITY),
    )
