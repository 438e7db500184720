"""Alerts are fired by real faults: real replicas over PostgreSQL and Redis, watched by a real Prometheus with the alerts
of deploy/prometheus, whose durations alone are shorter. While nothing is wrong, none fires."""

import contextlib
import http.client
import os
import resource
import signal
import socket
import threading
import time
import unittest

import monitoring as m
from platform_in_test import PASSWORD, SECRET, OtherVersion, Platform, SlowLine, until

BUSY, QUIET, LATE = "busy", "quiet", "late"
NUMBER = "+14155550100"


class Load:
    """Does something again and again on threads of its own, whatever becomes of it."""

    def __init__(self):
        self.stopped = threading.Event()
        self.threads = []

    def add(self, deed, pause: float, threads: int = 1):
        def repeat():
            while not self.stopped.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                    deed()
                self.stopped.wait(pause)

        for _ in range(threads):
            thread = threading.Thread(target=repeat, daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(70)


class Faults(unittest.TestCase):
    fired: set[str] = set()

    @classmethod
    def setUpClass(cls):
        cls.load = Load()
        cls.addClassCleanup(cls.load.stop)
        cls.platform = p = Platform()
        cls.addClassCleanup(p.stop)
        p.start()
        for provider in (BUSY, QUIET, LATE):
            p.command("admin", "add-provider", "--kind", "sandbox", "--name", provider, given=SECRET)
        numbers = "\n".join(f"+1415555{n:04}" for n in range(100, 150))
        p.command("admin", "import-numbers", "--provider", BUSY, "-", given=numbers)
        p.command("admin", "import-numbers", "--provider", QUIET, "-", given="+14155551000")
        p.command("admin", "import-numbers", "--provider", LATE, "-", given="+14155552000")
        p.command("admin", "import-numbers", "--provider", BUSY, "-", given="+442079460958")
        for user in ("watcher", "renter", "tester", "other"):
            p.command("admin", "create-user", "--email", f"{user}@example.com", given=PASSWORD)
        cls.a = p.replica("a")
        cls.to_redis = SlowLine(p.redis_port)
        # It traces, for a collector that is not there, so Prometheus reads its metrics with exemplars.
        traces = {"otlp_endpoint": "http://127.0.0.1:9", "trace_ratio": 1}
        redis_url = f"redis://127.0.0.1:{cls.to_redis.port}"
        cls.b = p.replica("b", max_connections_per_network=60, redis_url=redis_url, **traces)
        cls.token = cls.log_in("watcher")["access_token"]
        free = cls.a.call("GET", "/numbers?country_code=US&limit=100", token=cls.token)
        ids = {number["phone_number"]: number["id"] for number in free["numbers"]}
        cls.a.call("POST", "/numbers", {"phone_number_id": ids[NUMBER], "duration_hours": 2}, cls.token)

        # Ordinary traffic. Messages come in at b and are watched at a, so that they go through Redis.
        cls.traffic = threading.Event()
        cls.traffic.set()
        cls.load.add(lambda: cls.traffic.wait(1) and cls.b.post_message(BUSY, NUMBER), 0.05, threads=2)
        cls.load.add(lambda: cls.a.request("GET", "/v1/numbers", token=cls.token), 0.1)
        cls.load.add(cls.watch_messages, 0.1)
        # What takes long to be noticed begins now. Its counter begins with its first message.
        cls.a.post_message(QUIET, "+14155551000")
        p.watch()
        time.sleep(3)
        for _ in range(80):
            cls.a.post_message(QUIET, "+14155551000")
        cls.silent_since = time.monotonic()

    @classmethod
    def log_in(cls, user: str) -> dict:
        return cls.a.call("POST", "/auth/login", {"email": f"{user}@example.com", "password": PASSWORD})

    @classmethod
    def watch_messages(cls):
        connection = http.client.HTTPConnection("127.0.0.1", cls.a.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", "/v1/messages/stream", headers={"authorization": f"Bearer {cls.token}"})
            answer = connection.getresponse()
            while not cls.load.stopped.is_set() and answer.readline():
                pass

    def fires(self, *alerts: str, patience: float = 60):
        for alert in alerts:
            until(lambda: alert in self.platform.firing(), f"{alert} fires", patience)
            self.fired.add(alert)

    def is_calm(self, patience: float = 90):
        """Waits until nothing fires but what has a fault that lasts."""
        lasting = {"OtpwireProviderSilent", "OtpwireNumbersExhausted", "OtpwireLeasesWaiting", "OtpwireProviderLate"}
        # Their windows in production are an hour, and here a minute.
        slow = {"OtpwireSessionsStolen", "OtpwireMailsFailing", "OtpwireJobStale", "OtpwireReaderFailed"}
        firing = set()

        def nothing_else() -> bool:
            nonlocal firing
            firing = self.platform.firing() - lasting - slow
            return not firing

        try:
            until(nothing_else, "calm", patience)
        except AssertionError:
            self.fail(f"still firing after {patience:.0f} seconds: {sorted(firing)}")

    def test_01_nothing_fires_while_nothing_is_wrong(self):
        time.sleep(5)
        self.is_calm()
        self.assertEqual(self.platform.firing(), set())
        frames = self.platform.query('sum(otpwire_frame_seconds_count{transport="sse"})')
        self.assertGreater(float(frames[0]["value"][1]), 0, "the traffic of this test reaches its watcher")

    def test_02_strangers_post_webhooks(self):
        for _ in range(30):
            self.a.request("POST", f"/v1/webhooks/sms/{BUSY}", {"no": "signature"})
            self.a.request("POST", "/v1/webhooks/sms/nobody", {})
        self.fires("OtpwireWebhooksNotVerified", "OtpwireWebhooksUnknown")

    def test_03_each_panel_of_the_dashboard_shows_something(self):
        empty = []
        for panel in m.dashboard()["panels"]:
            for target in panel.get("targets", []):
                plain = target["expr"].replace("$__rate_interval", "10s").replace("$instance", ".*").replace("$provider", ".*")
                if not self.platform.query(plain):
                    empty.append(f"{panel['title']}: {plain}")
        self.assertEqual(empty, [])

    def test_03_a_bucket_leads_to_a_trace(self):
        for metric in ("otpwire_receive_commit_seconds_bucket", "otpwire_http_request_seconds_bucket"):
            found = until(lambda: self.platform.exemplars(metric), f"{metric} has exemplars")
            self.assertRegex(found[0]["exemplars"][0]["labels"]["trace_id"], r"^[0-9a-f]{32}$")

    def test_04_one_network_opens_many_connections(self):
        with contextlib.ExitStack() as sockets:
            for _ in range(120):
                sockets.enter_context(socket.create_connection(("127.0.0.1", self.b.port)))
            self.fires("OtpwireConnectionsRefused")
        self.is_calm()

    def test_05_old_tokens_are_used_again(self):
        for _ in range(6):
            first = self.log_in("other")["refresh_token"]
            second = self.a.call("POST", "/auth/refresh", {"refresh_token": first})["refresh_token"]
            self.a.call("POST", "/auth/refresh", {"refresh_token": second})
            self.assertEqual(self.a.request("POST", "/v1/auth/refresh", {"refresh_token": first})[0], 401)
        self.fires("OtpwireSessionsStolen")

    def test_06_there_is_no_mail_server(self):
        for user in ("watcher", "renter", "tester", "other"):
            self.a.call("POST", "/auth/forgot-password", {"email": f"{user}@example.com"})
        self.fires("OtpwireMailsFailing")

    def test_07_numbers_run_out(self):
        renter = self.log_in("renter")["access_token"]
        rented = self.a.call("POST", "/numbers", {"country_code": "GB", "duration_hours": 2}, renter)
        self.a.call("POST", "/pools", {"name": "ci", "phone_number_ids": [rented["id"]]}, renter)
        self.a.call("POST", "/leases", {"pool": "ci", "ttl_seconds": 3600}, renter)
        self.load.add(lambda: self.a.request("POST", "/v1/leases", {"pool": "ci", "wait_seconds": 50}, renter), 0)
        self.fires("OtpwireNumbersExhausted", "OtpwireLeasesWaiting", patience=120)

    def test_08_a_provider_delivers_late(self):
        self.load.add(lambda: self.a.post_message(LATE, "+14155552000", sent_at=time.time() - 280), 0.3)
        self.fires("OtpwireProviderLate", patience=120)

    def test_09_redis_is_gone(self):
        self.platform.redis.stop(signal.SIGKILL)
        self.fires("OtpwireRedisAway", "OtpwireEventsLost")
        self.platform.redis.start()
        self.is_calm()

    def test_10_redis_is_slow(self):
        def as_it_was():
            self.to_redis.delay = 0
            self.traffic.set()

        self.addCleanup(as_it_was)
        # Less than the two seconds after which a replica takes Redis for gone.
        self.to_redis.delay = 1.2
        self.fires("OtpwireRedisSlow")
        as_it_was()
        self.is_calm()
        # So few that none has to wait for another: they come late, and through Redis.
        self.traffic.clear()
        self.to_redis.delay = 1.2
        few = Load()
        self.addCleanup(few.stop)
        few.add(lambda: self.b.post_message(BUSY, NUMBER), 1.3)
        self.fires("OtpwireDeliverySlow", patience=90)
        few.stop()
        as_it_was()
        self.is_calm()

    def test_11_the_database_is_slow(self):
        stop = Load()
        self.addCleanup(stop.stop)
        stop.add(lambda: self.a.request("GET", "/v1/messages", token=self.token), 0, threads=12)
        stop.add(lambda: self.lock_messages(2), 0.2)
        self.fires("OtpwireCommitSlow", "OtpwireStoreSlow", "OtpwirePoolExhausted")
        stop.stop()
        self.is_calm()

    def test_11_the_database_stands_still(self):
        stop = Load()
        self.addCleanup(stop.stop)
        stop.add(lambda: self.a.post_message(BUSY, NUMBER), 0, threads=12)
        stop.add(lambda: self.lock_messages(4.5), 0.2)
        self.fires("OtpwireQueueFilling")
        stop.stop()
        self.is_calm()

    def lock_messages(self, seconds: float):
        self.platform.sql(f"BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({seconds}); COMMIT")

    def test_12_the_database_takes_no_changes(self):
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'otpwire'"
        self.platform.sql("ALTER DATABASE otpwire SET default_transaction_read_only = on")
        self.platform.sql(end)
        self.fires("OtpwireStoreFailing", "OtpwireWebhooksRefused")
        self.platform.sql("ALTER DATABASE otpwire RESET default_transaction_read_only", "postgres")
        self.platform.sql(end)
        self.is_calm()

    def test_13_a_replica_is_gone(self):
        self.b.stop(signal.SIGKILL)
        self.fires("OtpwireReplicaDown")
        self.b.start()
        self.is_calm()

    def test_14_a_replica_starts_again_and_again(self):
        for _ in range(4):
            self.b.stop(signal.SIGKILL)
            self.b.start()
            time.sleep(1.2)
        self.fires("OtpwireRestarting")
        self.is_calm()

    def test_15_a_replica_may_open_few_files(self):
        replica = self.platform.replica("c")
        self.addCleanup(self.platform.write_targets)
        self.addCleanup(self.platform.replicas.pop, "c")
        self.addCleanup(replica.stop)
        self.platform.write_targets()
        used = len(os.listdir(f"/proc/{replica.process.pid}/fd"))
        _, most = resource.prlimit(replica.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(replica.process.pid, resource.RLIMIT_NOFILE, (used + 2, most))
        self.fires("OtpwireFilesRunOut")

    def test_15_replicas_of_two_versions(self):
        # There is one version of the program to run: the metrics of another are those of a replica with another label.
        other = OtherVersion(self.a)
        self.addCleanup(self.platform.write_targets)
        self.addCleanup(other.stop)
        self.platform.write_targets(other.port)
        # An hour beside each other, which is a minute here.
        self.fires("OtpwireVersionsMixed", patience=120)

    def test_15_the_reader_of_codes_fails(self):
        replica = self.platform.replica("d", fault_injection='["reading"]')
        self.addCleanup(self.platform.write_targets)
        self.addCleanup(self.platform.replicas.pop, "d")
        self.addCleanup(replica.stop)
        self.platform.write_targets()
        until(lambda: self.platform.query(f'otpwire_readings_failed_total{{instance="127.0.0.1:{replica.metrics_port}"}}'), "it is read")
        self.assertEqual(replica.post_message(BUSY, NUMBER), 200, "the message is kept")
        self.fires("OtpwireReaderFailed")

    def test_16_a_provider_has_gone_silent(self):
        # Within an hour of its time, which is a minute here, and the five minutes of the alert.
        self.fires("OtpwireProviderSilent", patience=max(90 - (time.monotonic() - self.silent_since), 30))

    def test_17_the_database_is_gone(self):
        self.platform.postgres.stop(signal.SIGQUIT)
        self.fires("OtpwireReplicaNotReady", "OtpwireNoReplicaReady", "OtpwireServerErrors", "OtpwireWebhooksRefused")
        self.fires("OtpwireJobStale", patience=150)
        self.platform.postgres.start()
        self.is_calm()

    def test_18_each_alert_was_fired(self):
        self.assertEqual(self.fired, set(m.alerts()))

