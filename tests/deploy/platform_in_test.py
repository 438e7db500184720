"""A whole platform for the fault tests: PostgreSQL, Redis, replicas of the real program, and a Prometheus that watches them."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
from pathlib import Path

import yaml

import monitoring as m

SECRET = "a secret of the sandbox"
PASSWORD = "correct horse battery"
# As much faster as the alerts are evaluated than in production: a minute of theirs is a second.
FASTER = 60
# Seconds for what should come about at once, on a machine that is busy with other tests.
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def find(program: str) -> str:
    debian = sorted(str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = shutil.which(program) or (debian[-1] if debian else None)
    if not found:
        raise FileNotFoundError(f"{program} is not installed: run scripts/check-deploy")
    return found


def until(is_so, what: str, patience: float = PATIENCE):
    """Asks again until there is an answer that counts, and returns it."""
    deadline = time.monotonic() + patience
    last = None
    while time.monotonic() < deadline:
        try:
            answer = is_so()
            if answer:
                return answer
        except (OSError, http.client.HTTPException, subprocess.CalledProcessError) as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come about within {patience:.0f} seconds" + (f": {last}" if last else ""))


def hastened(rules: str) -> str:
    """The alerts with shorter durations, and nothing else of them changed."""
    units = {"s": 1, "m": 60, "h": 3600}

    def shorter(found: re.Match) -> str:
        return f"{int(found[1]) * units[found[2]] // FASTER}s"

    rules = re.sub(r"(?<=for: )(\d+)([mh])", shorter, rules)
    rules = re.sub(r"\[[^]\n]*\]", lambda window: re.sub(r"(\d+)([mh])", shorter, window[0]), rules)
    rules = re.sub(r"(?<=offset )(\d+)([mh])", shorter, rules)
    # Jobs run every minute here too, so ten minutes without success cannot become ten seconds.
    return rules.replace("> 600\n", "> 75\n")


class Process:
    """A server in a process of its own, stopped by its id."""

    def __init__(self, folder: Path, name: str, command: list[str], env=None, as_nobody=False, limits=None):
        self.folder, self.name, self.command, self.env, self.limits = folder, name, command, env, limits
        if as_nobody and os.geteuid() == 0:
            self.command = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", *command]
        self.process = None

    def start(self):
        prepare = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.limits)) if self.limits else None
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=prepare
            )

    def stop(self, how=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text(errors="replace")


class SlowLine:
    """A connection between a replica and a server. What the replica sends takes `delay` seconds more."""

    def __init__(self, port: int):
        self.delay = 0.0
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            sent: queue.Queue = queue.Queue()
            for work, *arguments in ((self.read, near, sent), (self.send, sent, far), (self.copy, far, near)):
                threading.Thread(target=work, args=arguments, daemon=True).start()

    def read(self, near: socket.socket, sent: queue.Queue):
        data = b"more"
        while data:
            try:
                data = near.recv(65536)
            except OSError:
                data = b""
            sent.put((time.monotonic() + self.delay, data))

    def send(self, sent: queue.Queue, far: socket.socket):
        while True:
            due, data = sent.get()
            time.sleep(max(0, due - time.monotonic()))
            try:
                if not data:
                    return far.shutdown(socket.SHUT_RDWR)
                far.sendall(data)
            except OSError:
                return

    def copy(self, far: socket.socket, near: socket.socket):
        try:
            while data := far.recv(65536):
                near.sendall(data)
        except OSError:
            pass
        for end in (far, near):
            end.close()


class Replica(Process):
    def __init__(self, platform, name: str, limits=None, **settings):
        self.port, self.metrics_port = free_port(), free_port()
        env = platform.settings | {f"OTPWIRE_{key.upper()}": str(value) for key, value in settings.items()}
        env |= {"OTPWIRE_LISTEN": f"127.0.0.1:{self.port}", "OTPWIRE_METRICS_LISTEN": f"127.0.0.1:{self.metrics_port}"}
        super().__init__(platform.folder, name, [m.PROGRAM, "serve"], env, limits=limits)

    def start(self):
        super().start()
        try:
            until(lambda: self.request("GET", "/readyz")[0] == 200 or self.process.poll() is not None, f"{self.name} is ready")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()[-3000:]}") from None
        assert self.process.poll() is None, f"{self.name} has ended:\n{self.log()[-3000:]}"

    def request(self, method: str, path: str, body=None, token=None, headers=None, timeout=60):
        """The status and the body of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, bytes):
            body, headers["content-type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text

    def call(self, method: str, path: str, body=None, token=None):
        """An answer that has to be good."""
        status, answer = self.request(method, f"/v1{path}", body, token)
        assert status < 300, f"{method} {path}: {status} {answer}"
        return answer

    def post_message(self, provider: str, number: str, sent_at: float | None = None, timeout=20) -> int:
        """What a provider posts, signed as the sandbox does."""
        sms = {"id": str(uuid.uuid4()), "from": "ACME", "to": number, "text": "Your code is 482913"}
        if sent_at is not None:
            sms["sent_at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(sent_at))
        body, now = json.dumps(sms).encode(), str(int(time.time()))
        mac = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-otpwire-timestamp": now, "x-otpwire-signature": f"v1={mac}"}
        return self.request("POST", f"/v1/webhooks/sms/{provider}", body, headers=headers, timeout=timeout)[0]


class OtherVersion:
    """Shows the metrics of a replica as one of another version would."""

    def __init__(self, replica: Replica):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                url = f"http://127.0.0.1:{replica.metrics_port}/metrics"
                with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
                    text = re.sub(r'(otpwire_build_info{version=)"[^"]+"', r'\1"999.0.0"', answer.read().decode())
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Platform:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="otpwire-faults-"))
        self.folder.chmod(0o755)
        self.processes: list[Process] = []
        self.postgres_port, self.redis_port = free_port(), free_port()
        self.settings = {
            "PATH": os.environ["PATH"],
            "OTPWIRE_DATABASE_URL": f"postgres://otpwire@127.0.0.1:{self.postgres_port}/otpwire",
            "OTPWIRE_REDIS_URL": f"redis://127.0.0.1:{self.redis_port}",
            "OTPWIRE_SECRET_KEY": base64.b64encode(b"0123456789abcdef" * 2).decode(),
            "OTPWIRE_DATABASE_CONNECTIONS": "4",
            "OTPWIRE_DRAIN_SECONDS": "0",
            "OTPWIRE_LOG": "warn",
            # The tests send more requests than the limits allow.
            **{f"OTPWIRE_REQUESTS_PER_MINUTE_{who}": "1000000" for who in ("GUEST", "FREE", "PREMIUM", "ADMIN")},
        }
        self.prometheus_port = free_port()
        self.replicas: dict[str, Replica] = {}

    def run(self, process: Process) -> Process:
        process.start()
        self.processes.append(process)
        return process

    def start(self):
        data = self.folder / "postgres"
        data.mkdir()
        if os.geteuid() == 0:
            shutil.chown(data, "nobody", "nogroup")
        initdb = Process(self.folder, "initdb", [find("initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"], as_nobody=True)
        subprocess.run(initdb.command, cwd=data, check=True, stdout=subprocess.DEVNULL)
        options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=100"]
        postgres = [find("postgres"), "-D", str(data), "-p", str(self.postgres_port), *(word for option in options for word in ("-c", option))]
        self.postgres = self.run(Process(self.folder, "postgres", postgres, as_nobody=True))
        until(lambda: self.sql("SELECT 1", "postgres") or True, "PostgreSQL is there")
        self.sql("CREATE ROLE otpwire LOGIN", "postgres")
        self.sql("CREATE DATABASE otpwire OWNER otpwire", "postgres")
        redis = [find("redis-server"), "--port", str(self.redis_port), "--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]
        self.redis = self.run(Process(self.folder, "redis", redis))
        self.command("migrate", "up")

    def sql(self, statement: str, database="otpwire"):
        command = [find("psql"), "-qtAX", "-h", "127.0.0.1", "-p", str(self.postgres_port), "-U", "postgres", "-d", database, "-c", statement]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def command(self, *words: str, given: str = "") -> str:
        done = subprocess.run([m.PROGRAM, *words], env=self.settings, cwd=self.folder, input=given, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"otpwire {' '.join(words)}: {done.stderr}"
        return done.stdout

    def replica(self, name: str, **settings) -> Replica:
        self.replicas[name] = self.run(Replica(self, name, **settings))
        return self.replicas[name]

    def watch(self):
        """Starts Prometheus on all replicas, with the alerts as they are but for their durations."""
        (self.folder / "alerts.yml").write_text(hastened((m.PROMETHEUS / "alerts.yml").read_text()))
        self.write_targets()
        scrape = {"job_name": "otpwire", "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": "1s"}]}
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["alerts.yml"],
            "scrape_configs": [scrape],
        }
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        command = [find("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus", f"--web.listen-address=127.0.0.1:{self.prometheus_port}", "--enable-feature=exemplar-storage"]
        self.run(Process(self.folder, "prometheus", command))
        until(lambda: len(self.query("up == 1")) == len(self.replicas), "Prometheus reads all replicas")

    def write_targets(self, *more: int):
        """Tells Prometheus where the replicas are, and what else it should read."""
        ports = [*(replica.metrics_port for replica in self.replicas.values()), *more]
        targets = [f"127.0.0.1:{port}" for port in ports]
        new = self.folder / "targets.new"
        new.write_text(json.dumps([{"targets": targets}]))
        new.rename(self.folder / "targets.json")

    def ask(self, what: str, **parameters):
        url = f"http://127.0.0.1:{self.prometheus_port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[dict]:
        return self.ask("query", query=expression)["result"]

    def exemplars(self, metric: str) -> list[dict]:
        """The exemplars of the last minute, of each series that has any."""
        return self.ask("query_exemplars", query=metric, start=time.time() - 60, end=time.time())

    def firing(self) -> set[str]:
        return {alert["metric"]["alertname"] for alert in self.query('ALERTS{alertstate="firing"}')}

    def stop(self):
        for process in reversed(self.processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
