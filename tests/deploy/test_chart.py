"""The Helm chart, rendered by Helm's own library and compared with the schemas of Kubernetes."""

import unittest

import kubernetes_validate
import yaml

import monitoring as m
from chart import CHART, Refused, lint, render

# The oldest that Chart.yaml allows, roughly, and a new one.
KUBERNETES = ("1.27", "1.34")
LEAST = CHART / "ci/values.yaml"
FULL = CHART / "ci/full.yaml"


def by_kind(documents: list[dict], kind: str) -> dict:
    found = [document for document in documents if document["kind"] == kind]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def named(documents: list[dict], kind: str, name: str) -> dict:
    return next(document for document in documents if (document["kind"], document["metadata"]["name"]) == (kind, name))


def variables(container: dict) -> dict:
    return {variable["name"]: variable.get("value", variable.get("valueFrom")) for variable in container["env"]}


class Chart(unittest.TestCase):
    maxDiff = None

    def test_helm_has_nothing_to_say_against_it(self):
        for values in (LEAST, FULL):
            with self.subTest(values.name):
                self.assertEqual(lint(values), [])

    def test_kubernetes_knows_every_field(self):
        checked = 0
        for values in (LEAST, FULL):
            for document in render(values):
                # The kinds of the Prometheus Operator are not its own.
                if document["apiVersion"].startswith("monitoring.coreos.com/"):
                    continue
                for version in KUBERNETES:
                    with self.subTest(f"{document['kind']} {version}"):
                        kubernetes_validate.validate(document, version, strict=True)
                        checked += 1
        self.assertGreater(checked, 20)

    def test_the_least_is_a_server_its_services_and_a_migration(self):
        documents = render(LEAST)
        kinds = sorted(document["kind"] for document in documents)
        self.assertEqual(kinds, ["Deployment", "Job", "PodDisruptionBudget", "Service", "Service"])

    def test_a_pod_has_the_time_that_it_needs_to_stop(self):
        for values, drain in ((LEAST, 15), (FULL, 60)):
            pod = by_kind(render(values), "Deployment")["spec"]["template"]["spec"]
            self.assertEqual(variables(pod["containers"][0])["OTPWIRE_DRAIN_SECONDS"], str(drain))
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], drain + 80)
            # It is out of the load balancer before it closes anything, which is after a fifth of drain_seconds.
            probe = pod["containers"][0]["readinessProbe"]
            self.assertLess(probe["periodSeconds"] * probe["failureThreshold"], drain)

    def test_pods_are_locked_down(self):
        documents = render(FULL)
        for kind in ("Deployment", "Job"):
            pod = by_kind(documents, kind)["spec"]["template"]["spec"]
            self.assertFalse(pod["automountServiceAccountToken"])
            self.assertFalse(pod["enableServiceLinks"])
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertEqual(pod["securityContext"]["runAsUser"], 65532)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            container = pod["containers"][0]
            self.assertEqual(
                container["securityContext"],
                {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
            )
            self.assertIn({"name": "data", "mountPath": "/data"}, container["volumeMounts"])

    def test_secrets_come_from_the_secret_that_is_there(self):
        documents = render(FULL)
        self.assertNotIn("Secret", {document["kind"] for document in documents})
        env = variables(by_kind(documents, "Deployment")["spec"]["template"]["spec"]["containers"][0])
        needed = {"OTPWIRE_SECRET_KEY": "secret-key", "OTPWIRE_DATABASE_URL": "database-url", "OTPWIRE_REDIS_URL": "redis-url"}
        for name, key in needed.items():
            self.assertEqual(env[name], {"secretKeyRef": {"name": "otpwire", "key": key, "optional": False}})
        for name in ("OTPWIRE_SMTP_URL", "OTPWIRE_OTLP_HEADERS"):
            self.assertTrue(env[name]["secretKeyRef"]["optional"])
        # One replica may do without Redis.
        single = by_kind(render(LEAST, replicaCount=1), "Deployment")["spec"]["template"]["spec"]["containers"][0]
        self.assertTrue(variables(single)["OTPWIRE_REDIS_URL"]["secretKeyRef"]["optional"])

    def test_settings_are_written_as_the_program_reads_them(self):
        env = variables(by_kind(render(FULL), "Deployment")["spec"]["template"]["spec"]["containers"][0])
        expected = {
            "OTPWIRE_LOG_FORMAT": "json",
            "OTPWIRE_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8",
            "OTPWIRE_RECEIVE_QUEUE": "1000000",
            "OTPWIRE_TRACE_RATIO": "0.05",
            "OTPWIRE_GRAPHQL_INTROSPECTION": "false",
            "OTPWIRE_PUBLIC_URL": "https://sms.example.com",
            "RUST_BACKTRACE": "1",
        }
        self.assertEqual({name: env[name] for name in expected}, expected)

    def test_the_migration_has_the_same_settings_and_comes_first(self):
        documents = render(FULL)
        job = by_kind(documents, "Job")
        self.assertEqual(job["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade")
        container = job["spec"]["template"]["spec"]["containers"][0]
        server = by_kind(documents, "Deployment")["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(container["args"], ["migrate", "up"])
        self.assertEqual((container["env"], container["image"]), (server["env"], server["image"]))
        # Not one of the pods that the Service, the budget and the policy choose.
        chosen = by_kind(documents, "Deployment")["spec"]["selector"]["matchLabels"]
        self.assertFalse(chosen.items() <= job["spec"]["template"]["metadata"]["labels"].items())
        self.assertNotIn("Job", {document["kind"] for document in render(LEAST, migration={"enabled": False})})

    def test_everything_chooses_the_pods_of_the_server(self):
        documents = render(FULL)
        labels = by_kind(documents, "Deployment")["spec"]["template"]["metadata"]["labels"]
        for chosen in (
            by_kind(documents, "Deployment")["spec"]["selector"]["matchLabels"],
            by_kind(documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
            by_kind(documents, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
            *(document["spec"]["selector"] for document in documents if document["kind"] == "Service"),
        ):
            self.assertLessEqual(chosen.items(), labels.items())

    def test_metrics_are_not_published_with_the_api(self):
        documents = render(FULL)
        api, metrics = named(documents, "Service", "otpwire"), named(documents, "Service", "otpwire-metrics")
        self.assertEqual([port["name"] for port in api["spec"]["ports"]], ["http"])
        self.assertEqual([port["name"] for port in metrics["spec"]["ports"]], ["metrics"])
        monitor = by_kind(documents, "ServiceMonitor")["spec"]
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), metrics["metadata"]["labels"].items())
        self.assertEqual(metrics["metadata"]["labels"][monitor["jobLabel"]], "otpwire", "the job that the alerts name")

    def test_the_alerts_and_the_dashboard_are_those_that_are_tested(self):
        documents = render(FULL)
        rules = by_kind(documents, "PrometheusRule")["spec"]
        expected = yaml.safe_load(
            (m.PROMETHEUS / "alerts.yml").read_text().replace("docs/runbooks.md#", "https://wiki.example.com/otpwire/runbooks#")
        )
        self.assertEqual(rules, expected)
        self.assertEqual(yaml.safe_load(by_kind(documents, "ConfigMap")["data"]["otpwire.json"]), m.dashboard())

    def test_an_ingress_and_a_policy_when_they_are_asked_for(self):
        documents = render(FULL)
        rule = by_kind(documents, "Ingress")["spec"]["rules"][0]
        self.assertEqual(rule["host"], "sms.example.com")
        self.assertEqual(rule["http"]["paths"][0]["backend"]["service"], {"name": "otpwire", "port": {"name": "http"}})
        policy = by_kind(documents, "NetworkPolicy")["spec"]
        self.assertEqual(policy["policyTypes"], ["Ingress", "Egress"])
        self.assertEqual({rule["ports"][0]["port"] for rule in policy["ingress"]}, {"http", "metrics"})
        closed = by_kind(render(LEAST, networkPolicy={"enabled": True}), "NetworkPolicy")["spec"]
        self.assertEqual(closed["policyTypes"], ["Ingress"])
        self.assertNotIn("from", closed["ingress"][0], "the API is for everybody")
        self.assertEqual(closed["ingress"][1]["from"], [{"podSelector": {}}])

    def test_one_replica_does_not_keep_its_node(self):
        self.assertNotIn("PodDisruptionBudget", {document["kind"] for document in render(LEAST, replicaCount=1)})

    def test_wrong_values_are_refused_by_their_names(self):
        wrong = {
            "existingSecret": {"name": ""},
            "publicUrl": "sms.example.com",
            "replicaCount": 0,
            "replicaCuont": 2,
            "image": {"digest": "sha256:short"},
            "ingress": {"enabled": True},
        }
        for name, value in wrong.items():
            with self.subTest(name), self.assertRaises(Refused) as refused:
                render(LEAST, **{name: value})
            self.assertIn(name, str(refused.exception))
        for name in ("secret_key", "listen", "Log"):
            with self.subTest(name), self.assertRaises(Refused) as refused:
                render(LEAST, settings={name: "x"})
            self.assertIn(name, str(refused.exception))

    def test_what_is_required_has_no_default_that_would_do(self):
        with self.assertRaises(Refused) as refused:
            render(CHART / "values.yaml")
        for name in ("repository", "existingSecret", "publicUrl"):
            self.assertIn(name, str(refused.exception))
