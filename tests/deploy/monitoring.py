"""What the alerts, the dashboard and the runbooks say, for the tests."""

import json
import os
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
PROGRAM = os.environ.get("OTPWIRE_PROGRAM", str(ROOT / "target/debug/otpwire"))

# Words of PromQL that look like names of metrics.
KEYWORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"}


def alerts() -> dict[str, dict]:
    rules = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())
    return {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}


def dashboard() -> dict:
    return json.loads((ROOT / "deploy/grafana/otpwire.json").read_text())


def dashboard_expressions() -> list[str]:
    board = dashboard()
    panels = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return panels + [note["expr"] for note in board["annotations"]["list"] if "expr" in note]


def runbooks() -> dict[str, str]:
    """The sections of docs/runbooks.md by their headings."""
    parts = re.split(r"^## (.+)$", (ROOT / "docs/runbooks.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression of PromQL reads."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', "", expression)
    text = re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", text)
    # A duration, as after `offset`.
    text = re.sub(r"\b\d+[smhdwy]\b", " ", text)
    names = re.findall(r"\b([A-Za-z_:][A-Za-z0-9_:]*)\b(?!\s*\()", text)
    return {name for name in names if name not in KEYWORDS}


def documented_metrics() -> set[str]:
    """The first column of the table in docs/metrics.md. A row may name several, with commas between them."""
    rows = re.findall(r"^\|\s*(`[^|]*`)\s*\|", (ROOT / "docs/metrics.md").read_text(), flags=re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z_:][a-z0-9_:]*)`", row)}


def family(metric: str, known: set[str]) -> str:
    """A histogram is documented under its name, and read under three others."""
    for suffix in ("_bucket", "_sum", "_count"):
        if metric.endswith(suffix) and metric not in known:
            return metric.removesuffix(suffix)
    return metric
