"""The chart, as Helm itself renders it: by its own library, which needs neither the program nor a cluster."""

import atexit
import shutil
import tempfile
from pathlib import Path

import helm_python
import yaml

import monitoring as m

CHART = m.ROOT / "deploy/helm/otpwire"

# As `helm package` packs it, with the files that its links lead to; loaded as it is, the library tells of each link.
_folder = tempfile.TemporaryDirectory(prefix="otpwire-chart-")
atexit.register(_folder.cleanup)
PACKED = shutil.copytree(CHART, Path(_folder.name) / "otpwire")


class Refused(Exception):
    """The values do not agree with values.schema.json."""


def values_of(file: Path, changes: dict) -> dict:
    """The values of a file, with changes on top: maps are merged, as Helm does."""

    def merged(old, new):
        if not (isinstance(old, dict) and isinstance(new, dict)):
            return new
        return old | {key: merged(old.get(key), value) for key, value in new.items()}

    return merged(yaml.safe_load(file.read_text()), changes)


def lint(file: Path) -> list[str]:
    """What `helm lint --strict` complains of."""
    report = helm_python.lint(str(PACKED), values_of(file, {}), strict=True)
    # An icon is recommended; there is nothing that would show it.
    return [message["error"] for message in report["messages"] if "icon is recommended" not in message["error"]]


def render(file: Path, **changes) -> list[dict]:
    """What `helm template` prints, as objects."""
    values = values_of(file, changes)
    chart = helm_python.Chart.load(str(PACKED))
    try:
        chart.validate_schema(chart.merge_values(values))
        rendered = chart.render(values, name="otpwire", namespace="sms")
    except helm_python.HelmValuesError as error:
        raise Refused(str(error)) from None
    finally:
        chart.close()
    texts = (text for path, text in sorted(rendered.items()) if path.endswith(".yaml"))
    return [document for text in texts for document in yaml.safe_load_all(text) if document]
