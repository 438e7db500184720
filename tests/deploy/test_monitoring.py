"""The alerts, the dashboard and the runbooks agree with each other and with the program."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

import monitoring as m

# What Prometheus itself has.
OF_PROMETHEUS = {"up", "ALERTS"}


def run(*command: str, cwd: Path = m.ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


class Alerts(unittest.TestCase):
    def test_promtool_accepts_the_rules_and_the_configuration(self):
        run("promtool", "check", "rules", "--lint=all", "--lint-fatal", "alerts.yml", cwd=m.PROMETHEUS)
        run("promtool", "check", "config", "prometheus.yml", cwd=m.PROMETHEUS)

    def test_the_unit_tests_pass(self):
        run("promtool", "test", "rules", "alerts.test.yml", cwd=m.PROMETHEUS)

    def test_each_has_a_unit_test_of_silence_and_one_of_firing(self):
        tests = yaml.safe_load((m.PROMETHEUS / "alerts.test.yml").read_text())["tests"]
        seen = {True: set(), False: set()}
        for check in (check for test in tests for check in test["promql_expr_test"]):
            name = re.search(r'alertname="(\w+)"', check["expr"]).group(1)
            seen[bool(check["exp_samples"])].add(name)
        self.assertEqual(seen[True], set(m.alerts()))
        self.assertEqual(seen[False], set(m.alerts()))

    def test_each_says_what_it_is_and_where_to_read_on(self):
        for name, alert in m.alerts().items():
            with self.subTest(name):
                self.assertIn(alert["labels"]["severity"], {"critical", "warning"})
                self.assertEqual(set(alert["annotations"]), {"summary", "description", "runbook_url"})
                self.assertEqual(alert["annotations"]["runbook_url"], f"docs/runbooks.md#{name.lower()}")

    def test_each_has_a_runbook(self):
        books = {name: text for name, text in m.runbooks().items() if name.startswith("Otpwire")}
        self.assertEqual(set(books), set(m.alerts()))
        for name, text in books.items():
            with self.subTest(name):
                self.assertIn(f"**{m.alerts()[name]['labels']['severity']}.**", text)
                for part in ("Look", "Do", "Over"):
                    self.assertIn(f"- **{part}:**", text)


class Metrics(unittest.TestCase):
    def check(self, expressions: list[str]):
        known = m.documented_metrics()
        self.assertGreater(len(known), 30)
        unknown = {
            f"{metric} in {expression}"
            for expression in expressions
            for metric in m.metrics_in(expression)
            if metric not in OF_PROMETHEUS and m.family(metric, known) not in known
        }
        self.assertEqual(unknown, set())

    def test_the_alerts_read_what_there_is(self):
        self.check([alert["expr"] for alert in m.alerts().values()])

    def test_the_dashboard_reads_what_there_is(self):
        self.check(m.dashboard_expressions())

    def test_names_are_found_in_expressions(self):
        expression = 'sum by (le, a) (rate(x_bucket{job="y", b=~"c|d"}[5m] offset 1h)) / on (z) group_left () w > bool 1 unless max(v)'
        self.assertEqual(m.metrics_in(expression), {"x_bucket", "w", "v"})


class Dashboard(unittest.TestCase):
    def test_prometheus_can_read_its_expressions(self):
        plain = [
            expression.replace("$__rate_interval", "5m").replace("$instance", ".*").replace("$provider", ".*")
            for expression in m.dashboard_expressions()
        ]
        rules = [{"record": f"panel:{n}", "expr": expression} for n, expression in enumerate(plain)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
            file.flush()
            self.assertIn(f"{len(plain)} rules found", run("promtool", "check", "rules", file.name))
        self.assertFalse([expression for expression in plain if "$" in expression])

    def test_panels_explain_themselves_and_do_not_overlap(self):
        taken = set()
        ids = set()
        for panel in m.dashboard()["panels"]:
            with self.subTest(panel["title"]):
                self.assertNotIn(panel["id"], ids)
                ids.add(panel["id"])
                place = panel["gridPos"]
                cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
                self.assertFalse(cells & taken)
                taken |= cells
                self.assertLessEqual(place["x"] + place["w"], 24)
                if panel["type"] != "row":
                    self.assertTrue(panel["description"])
                    self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                    self.assertEqual(panel["datasource"]["uid"], "${datasource}")

    def test_the_runbooks_name_panels_that_there_are(self):
        titles = {panel["title"] for panel in m.dashboard()["panels"]}
        # In quotes, a panel or what somebody says: those with a capital letter are panels, but for pages of Prometheus.
        named = set(re.findall(r'"([A-Z][^"\n]*(?:\n[^"\n]*)?)"', "".join(m.runbooks().values()))) - {"Targets", "ERROR"}
        self.assertTrue(named)
        missing = {name for name in named if not any(title.startswith(" ".join(name.split())) for title in titles)}
        self.assertEqual(missing, set())


class Commands(unittest.TestCase):
    def test_the_commands_in_the_documents_exist(self):
        found = set()
        for page in ("docs/runbooks.md", "docs/install.md"):
            text = (m.ROOT / page).read_text()
            found |= {tuple(words.split()) for words in re.findall(r"\botpwire ((?:admin )?[a-z]+(?:-[a-z]+)*)(?=[\s`])", text)}
        # `docker compose exec otpwire otpwire …`, and the name in sentences.
        commands = {words for words in found if words[0] in {"admin", "serve", "health", "migrate", "check-config", "simulate", "demo", "backup", "watch", "read-codes"}}
        self.assertGreater(len(commands), 5)
        for words in sorted(commands):
            with self.subTest(" ".join(words)):
                run(m.PROGRAM, *words, "--help")
