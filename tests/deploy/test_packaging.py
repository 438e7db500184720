"""The files of containers, systemd and the workflows: pinned, complete, hardened, and with times that fit."""

import fnmatch
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import monitoring as m

ROOT = m.ROOT
# What a replica may take to stop, beside drain_seconds: docs/production.md, "Stopping a replica".
TO_STOP = 80


def drain_seconds() -> int:
    return int(re.search(r"^drain_seconds = (\d+)$", (ROOT / "otpwire.example.toml").read_text(), flags=re.MULTILINE)[1])


def lines(path: str) -> list[str]:
    """The instructions of a file, without comments, with continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / path).read_text())
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def embedded_files() -> set[str]:
    """The files outside of src that the program has in it. Those of tests are left out."""
    found = set()
    for source in [*(ROOT / "src").rglob("*.rs"), *(ROOT / "migration").rglob("*.rs")]:
        if source.stem in {"tests", "testing", "shape_tests"} or "tests" in source.parts:
            continue
        text = source.read_text().split("#[cfg(test)]\nmod tests {")[0]
        for path in re.findall(r'include_(?:str|bytes)!\("([^"]+)"\)', text):
            found.add(str((source.parent / path).resolve().relative_to(ROOT)))
    return {path for path in found if not path.startswith(("src/", "migration/"))}


class Container(unittest.TestCase):
    def test_every_image_has_an_exact_version(self):
        froms = [line.split()[1] for line in lines("Dockerfile") if line.startswith("FROM ")]
        self.assertEqual(froms[-1], "scratch")
        for image in froms[:-1]:
            self.assertRegex(image, r"^[a-z]+:\d+\.\d+\.\d+-[a-z-]+$|@sha256:[0-9a-f]{64}$")

    def test_the_builder_gets_what_the_program_is_built_from_and_nothing_else(self):
        copied = [word for line in lines("Dockerfile") if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]]
        ignore = lines(".dockerignore")
        self.assertEqual(ignore[0], "*")
        allowed = {line[1:] for line in ignore if line.startswith("!")}
        refused = {line for line in ignore[1:] if not line.startswith("!")}
        self.assertEqual({word.split("/")[0] for word in copied}, allowed)
        embedded = embedded_files()
        self.assertIn("assets/web/app.js", embedded)
        for path in embedded:
            with self.subTest(path):
                self.assertTrue(any(path == word or path.startswith(f"{word}/") for word in copied))
                self.assertFalse(any(fnmatch.fnmatch(path, f"{pattern}*") for pattern in refused))

    def test_dependencies_have_a_layer_of_their_own(self):
        steps = lines("Dockerfile")
        builds = [n for n, line in enumerate(steps) if "cargo build" in line]
        sources = next(n for n, line in enumerate(steps) if line == "COPY src src")
        self.assertEqual(len(builds), 2)
        self.assertLess(builds[0], sources)
        self.assertGreater(builds[1], sources)
        before = {word for line in steps[: builds[0]] if line.startswith("COPY ") for word in line.split()[1:-1]}
        self.assertEqual(before, {"Cargo.toml", "Cargo.lock", "migration/Cargo.toml"})

    def test_cargo_accepts_what_the_first_layer_has(self):
        script = next(line for line in lines("Dockerfile") if "src/main.rs" in line).removeprefix("RUN ")
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "migration").mkdir()
            for file in ("Cargo.toml", "Cargo.lock", "migration/Cargo.toml"):
                (place / file).write_bytes((ROOT / file).read_bytes())
            stand_ins = script.split(" && cargo build")[0]
            subprocess.run(["sh", "-ec", stand_ins], cwd=place, check=True)
            metadata = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
            done = subprocess.run(metadata, cwd=place, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_runs_as_nobody_in_particular_and_is_told_where_it_is(self):
        steps = lines("Dockerfile")
        runtime = steps[next(n for n, line in enumerate(steps) if line == "FROM scratch") :]
        self.assertIn("USER 65532:65532", runtime)
        self.assertIn('ENTRYPOINT ["otpwire"]', runtime)
        self.assertIn("STOPSIGNAL SIGTERM", runtime)
        self.assertIn("VOLUME /data", runtime)
        self.assertTrue(any(line.startswith("ENV ") and "OTPWIRE_LISTEN=0.0.0.0:8080" in line for line in runtime))
        self.assertTrue(any(line.startswith("HEALTHCHECK ") and line.endswith('CMD ["otpwire", "health"]') for line in runtime))
        # An empty image has no shell.
        self.assertFalse([line for line in runtime if line.startswith("RUN ")])


class Compose(unittest.TestCase):
    def setUp(self):
        self.compose = yaml.safe_load((ROOT / "compose.yaml").read_text())

    def test_the_server_has_the_time_that_it_needs_to_stop(self):
        seconds = int(self.compose["services"]["otpwire"]["stop_grace_period"].removesuffix("s"))
        self.assertGreaterEqual(seconds, drain_seconds() + TO_STOP)

    def test_nothing_is_published_beyond_this_machine(self):
        for name, service in self.compose["services"].items():
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name}: {port}")

    def test_monitoring_is_a_profile_and_reads_the_files_that_are_tested(self):
        services = self.compose["services"]
        profile = {name for name, service in services.items() if service.get("profiles") == ["monitoring"]}
        self.assertEqual(profile, {"prometheus", "grafana", "jaeger"})
        for name in profile:
            self.assertRegex(services[name]["image"], r":v?\d+\.\d+\.\d+$")
        mounts = [volume.split(":")[0] for name in profile for volume in services[name].get("volumes", []) if volume.startswith("./")]
        self.assertEqual({ROOT / mount for mount in mounts}, {m.PROMETHEUS, ROOT / "deploy/grafana"})
        port = int(services["otpwire"]["environment"]["OTPWIRE_METRICS_LISTEN"].rsplit(":", 1)[1])
        config = yaml.safe_load((m.PROMETHEUS / "prometheus.yml").read_text())
        discovery = config["scrape_configs"][0]["dns_sd_configs"][0]
        self.assertEqual((discovery["names"], discovery["port"]), (["otpwire"], port))
        for content in ("grafana-datasource", "grafana-dashboards"):
            self.assertEqual(yaml.safe_load(self.compose["configs"][content]["content"])["apiVersion"], 1)


class Systemd(unittest.TestCase):
    unit = ROOT / "deploy/systemd/otpwire.service"

    def test_systemd_accepts_it(self):
        # Where the program and the user are not installed, it says so, which is no fault of the unit.
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder) / "otpwire.service"
            unit.write_text(self.unit.read_text().replace("/usr/local/bin/otpwire", "/bin/true"))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
            said = [line for line in (done.stdout + done.stderr).splitlines() if "otpwire.service" in line]
            self.assertEqual((done.returncode, said), (0, []))

    def test_it_is_hardened(self):
        # In tenths: at most 1.5 of 10, where 10 is a service without any protection.
        command = ["systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager", str(self.unit)]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_has_the_time_that_it_needs_to_stop(self):
        seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", self.unit.read_text(), flags=re.MULTILINE)[1])
        self.assertGreaterEqual(seconds, drain_seconds() + TO_STOP)

    def test_the_settings_that_come_with_it_are_accepted(self):
        settings = (ROOT / "deploy/systemd/otpwire.toml").read_text()
        with tempfile.TemporaryDirectory() as folder:
            # In the place of its own folder.
            file = Path(folder) / "otpwire.toml"
            file.write_text(settings.replace("/var/lib/otpwire", folder))
            command = [m.PROGRAM, "--config", str(file)]
            self.assertEqual(subprocess.run([*command, "migrate", "up"], cwd="/", capture_output=True).returncode, 0)
            self.assertTrue((Path(folder) / "otpwire.sqlite").exists())
            done = subprocess.run([*command, "check-config"], cwd="/", capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Workflows(unittest.TestCase):
    def test_actions_are_pinned(self):
        for file in (ROOT / ".github/workflows").glob("*.yml"):
            for job in yaml.safe_load(file.read_text())["jobs"].values():
                self.assertIn("timeout-minutes", job)
                for action in (step["uses"] for step in job["steps"] if "uses" in step):
                    self.assertRegex(action, r"^[\w-]+/[\w-]+@(v\d+(\.\d+)*|[0-9a-f]{40})$")

    def test_what_a_release_packs_is_there(self):
        text = (ROOT / ".github/workflows/release.yml").read_text()
        packed = re.search(r'release/otpwire" ((?:[\w.]+ )+)"\$NAME/"', text)[1].split()
        self.assertIn("LICENSE", packed)
        for file in [*packed, "deploy/systemd", "deploy/helm/otpwire/ci/values.yaml"]:
            self.assertTrue((ROOT / file).exists(), file)

    def test_the_scripts_of_workflows_are_shell(self):
        for file in (ROOT / ".github/workflows").glob("*.yml"):
            for job in yaml.safe_load(file.read_text())["jobs"].values():
                for script in (step["run"] for step in job["steps"] if "run" in step):
                    plain = re.sub(r"\$\{\{[^}]*\}\}", "x", script)
                    done = subprocess.run(["bash", "-n"], input=plain, capture_output=True, text=True)
                    self.assertEqual(done.returncode, 0, f"{done.stderr}\n{script}")

    def test_the_notes_of_a_release_need_agreeing_versions(self):
        notes = [str(ROOT / "scripts/release-notes")]
        wrong = subprocess.run([*notes, "99.0.0"], capture_output=True, text=True)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("Cargo.toml has version", wrong.stderr)
        version = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), flags=re.MULTILINE)[1]
        right = subprocess.run([*notes, version], capture_output=True, text=True)
        # Until there is a section for it, which is written with the release.
        if f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text():
            self.assertEqual(right.returncode, 0, right.stderr)
            self.assertTrue(right.stdout.strip())
        else:
            self.assertIn(f"CHANGELOG.md says nothing of {version}", right.stderr)
