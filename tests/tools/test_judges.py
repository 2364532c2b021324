"""docs/judges.md, and how the objects of a page are read."""

from tests.judges.stacks import ROOT
from tools.judges.page import HEAD, Row, page
from tools.judges.pages import objects
from tools.judges.verdict import Verdict

FLAT = """A deployment:
apiVersion: apps/v1
kind: Deployment
metadata:
name: web
spec:
replicas: 2
selector:
matchLabels:
app: web
template:
metadata:
labels:
app: web
spec:
containers:
# the server
- name: web
image: acme/web:1
ports:
- containerPort: 8080
- name: beside
image: acme/beside:1
ports:
- name: metrics
containerPort: 9100
volumes:
- name: config
configMap:
name: web
Its configuration
apiVersion: v1
kind: ConfigMap
metadata:
name: web
data:
one.yaml: |
level: info
two.json: |
{}
apiVersion: acme.example/v1
kind: Thing
"""

SHAPED = """```yaml
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
    - port: 80
```
apiVersion: v1
kind: Service
metadata: {
"""


def test_objects_of_a_page_without_indentation(tmp_path):
    (tmp_path / "page.txt").write_text(FLAT)
    deployment, config = objects(tmp_path / "page.txt")
    pod = deployment["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["containers"]] == ["web", "beside"]
    assert [one["ports"] for one in pod["containers"]] == [[{"containerPort": 8080}], [{"name": "metrics", "containerPort": 9100}]]
    assert pod["volumes"] == [{"name": "config", "configMap": {"name": "web"}}]
    assert deployment["spec"]["selector"] == {"matchLabels": {"app": "web"}}
    assert sorted(config["data"]) == ["one.yaml", "two.json"]


def test_objects_of_a_page_that_has_it_and_one_that_is_cut_off(tmp_path):
    (tmp_path / "page.txt").write_text(SHAPED)
    assert [one["spec"] for one in objects(tmp_path / "page.txt")] == [{"ports": [{"port": 80}]}]


def test_the_page_says_what_was_found_and_where_there_was_nothing():
    found = Verdict(objects=3, schema=0, failed=1, passed=2, restricted=4, admission=6, score=5, together=None)
    rows = [Row("000", "a server", None, found), Row("000", "a server", "examples/one, staging", None)]
    assert page(rows).removeprefix(HEAD).splitlines() == [
        "| 000 | a server | its page | 3 | 0 | 1 / 2 | 4 | 6 | 5 | - |",
        "| 000 | a server | examples/one, staging | none shown | - | - | - | - | - | - |",
    ]


def test_the_committed_page_is_the_commands_and_has_no_finding_of_ours():
    text = (ROOT / "docs" / "judges.md").read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    rows = [line.strip("| ").split(" | ") for line in text.removeprefix(HEAD).splitlines()]
    ours = [row for row in rows if row[2].startswith("examples/")]
    assert {row[0] for row in rows} == {"000", "001", "002", "003", "004"}
    assert ours
    assert all((row[4], row[5].split(" / ")[0], *row[6:]) == ("0", "0", "0", "0", "0", "0") for row in ours)
