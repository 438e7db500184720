//! PostgreSQL and Redis for the tests: the installed programs, started once a run on free loopback ports, and stopped
//! by process id when the run ends, however it ends.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use otpwire::store::Store;
use sea_orm::ConnectionTrait;
use tokio::sync::{Mutex, OnceCell};

/// Runs a server until its standard input is closed, which also happens when the test process dies; then stops it by
/// its process id and removes its folder. If the name of a signal was written to the standard input, it stops the
/// server with that signal and keeps the folder.
const GUARD: &str = r#"folder=$1; shift; "$@" >>"$folder/log" 2>&1 </dev/null & server=$!
signal=$(cat); kill -"${signal:-INT}" "$server" 2>/dev/null; wait "$server"
[ -n "$signal" ] || rm -rf "$folder""#;

/// Stops a server with a signal, and returns when it has exited. Its folder stays.
fn stop_by(guard: &mut Child, signal: &str) {
    let mut stdin = guard.stdin.take().expect("a server is stopped once");
    stdin.write_all(signal.as_bytes()).unwrap();
    drop(stdin);
    guard.wait().unwrap();
}

fn guarded(folder: &Path, command: &[String]) -> Child {
    Command::new("sh")
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .args(command)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sh can be started")
}

/// Finds a program; panics with the package to install if it is missing.
fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<_> = debian.map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    let homes = path.into_iter().chain(debian.into_iter().rev());
    homes.map(|home| home.join(program)).find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("the tests need `{program}`, which is not installed: on Debian, `apt-get install {package}`")
    })
}

/// A port that is free, and returned only once. It lies below the range of ephemeral ports, so that it stays free while
/// a server is restarted.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    // Two runs at the same time begin at different ports.
    let start = std::process::id().wrapping_mul(97);
    for _ in 0..COUNT {
        let port = FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

fn wait_for(port: u16, folder: &Path) {
    let started = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if started.elapsed() > Duration::from_secs(30) {
            let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
            panic!("a server did not start; its log:\n{log}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = tempfile::Builder::new().prefix(&format!("otpwire-{name}-")).tempdir().unwrap();
    folder.keep()
}

/// PostgreSQL refuses to run as root; then it runs as nobody.
fn unprivileged(folder: &Path) -> Vec<String> {
    if fs::metadata("/proc/self").map(|me| me.uid()).unwrap_or(1) != 0 {
        return Vec::new();
    }
    let chown = Command::new("chown").arg("nobody").arg(folder).status().unwrap();
    assert!(chown.success());
    ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"].map(String::from).to_vec()
}

/// A PostgreSQL server.
pub(crate) struct Postgres {
    port: u16,
    migrated: OnceCell<String>,
    copying: Mutex<()>,
    folder: PathBuf,
    command: Vec<String>,
    guard: Child,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The PostgreSQL server of this run.
pub(crate) async fn postgres() -> &'static Postgres {
    static POSTGRES: OnceCell<Postgres> = OnceCell::const_new();
    POSTGRES.get_or_init(|| async { Postgres::start(false).await }).await
}

impl Postgres {
    /// Starts a server. A durable one writes commits to the disk, as in production.
    pub(crate) async fn start(durable: bool) -> Self {
        let folder = folder("postgres");
        let as_nobody = unprivileged(&folder);
        let (initdb, server) = (find("initdb", "postgresql"), find("postgres", "postgresql"));
        let data = folder.join("data");
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let initdb = [text(&initdb), "-D".into(), text(&data), "-U".into(), "postgres".into(), "--auth=trust".into()];
        let initdb: Vec<_> =
            as_nobody.iter().cloned().chain(initdb).chain(["--no-sync".into(), "-E".into(), "UTF8".into()]).collect();
        let made = Command::new(&initdb[0]).args(&initdb[1..]).current_dir(&folder).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let mut command = as_nobody;
        command.extend([text(&server), "-D".into(), text(&data), "-p".into(), port.to_string()]);
        let mut settings = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=300".into(),
            "unix_socket_directories=".into(),
        ];
        if !durable {
            settings.extend(["fsync=off".into(), "full_page_writes=off".into(), "synchronous_commit=off".into()]);
        }
        command.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let guard = guarded(&folder, &command);
        wait_for(port, &folder);
        let server = Self { port, migrated: OnceCell::new(), copying: Mutex::new(()), folder, command, guard };
        server.make_role().await;
        server
    }

    /// Restarts the server: after a clean shutdown with `INT`, after a crash with `QUIT`.
    pub(crate) async fn restart(&mut self, signal: &str) {
        stop_by(&mut self.guard, signal);
        self.start_again().await;
    }

    /// Stops the server in order; every connection is closed. Its folder stays.
    pub(crate) fn stop(&mut self) {
        stop_by(&mut self.guard, "INT");
    }

    /// Starts the server again after [`Self::stop`].
    pub(crate) async fn start_again(&mut self) {
        self.guard = guarded(&self.folder, &self.command);
        wait_for(self.port, &self.folder);
        self.connect(&self.url("postgres")).await.close().await.unwrap();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://otpwire@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates the role that everything runs as, once the server accepts connections: an ordinary one that owns its
    /// databases, as in production. Row-level security does not apply to a superuser.
    async fn make_role(&self) {
        let superuser = self.connect(&Self::superuser_url(&self.url("postgres"))).await;
        let role = "CREATE ROLE otpwire LOGIN CREATEDB; ALTER DATABASE postgres OWNER TO otpwire";
        superuser.execute_unprepared(role).await.unwrap();
        superuser.close().await.unwrap();
    }

    /// Connects, as soon as the server accepts connections.
    async fn connect(&self, url: &str) -> sea_orm::DatabaseConnection {
        for _ in 0..500 {
            if let Ok(connection) = sea_orm::Database::connect(url).await {
                return connection;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("PostgreSQL does not accept connections");
    }

    /// The address of a database for the superuser, to whom row-level security does not apply.
    pub(crate) fn superuser_url(url: &str) -> String {
        url.replace("otpwire@", "postgres@")
    }

    /// Creates an empty database.
    pub(crate) async fn new_database(&self) -> String {
        self.copy_of("template1").await
    }

    /// Creates a database with every migration: a copy of one that is migrated once a run.
    pub(crate) async fn new_migrated_database(&self) -> String {
        let template = self.migrated.get_or_init(|| async {
            let url = self.new_database().await;
            let store = Store::connect(&url, 4).await.unwrap();
            store.migrate_up().await.unwrap();
            store.close().await;
            url.rsplit('/').next().unwrap().to_owned()
        });
        self.copy_of(template.await).await
    }

    async fn copy_of(&self, template: &str) -> String {
        let name = format!("test_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        let connection = sea_orm::Database::connect(self.url("postgres")).await.unwrap();
        // PostgreSQL refuses two copies of a template at once.
        let _copying = self.copying.lock().await;
        connection.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        connection.close().await.unwrap();
        self.url(&name)
    }
}

/// A Redis server.
pub(crate) struct Redis {
    port: u16,
    guard: Option<Child>,
    folder: PathBuf,
}

/// The Redis server of this run.
pub(crate) async fn redis() -> &'static Redis {
    static REDIS: OnceCell<Redis> = OnceCell::const_new();
    REDIS.get_or_init(|| async { Redis::start() }).await
}

impl Redis {
    /// Starts a server for one test.
    pub(crate) fn start() -> Self {
        let folder = folder("redis");
        let mut redis = Self { port: free_port(), guard: None, folder };
        redis.start_again();
        redis
    }

    /// Starts the server again, at the same address.
    pub(crate) fn start_again(&mut self) {
        fs::create_dir_all(&self.folder).unwrap();
        let server = find("redis-server", "redis-server").to_str().unwrap().to_owned();
        let port = self.port.to_string();
        let command = [&server, "--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        self.guard = Some(guarded(&self.folder, &command.map(str::to_owned)));
        wait_for(self.port, &self.folder);
    }

    /// Executes a command that answers with a status.
    pub(crate) fn execute(&self, words: &[&str]) {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let command: String = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
        write!(connection, "*{}\r\n{command}", words.len()).unwrap();
        let mut answer = [0; 1];
        connection.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"+", "Redis refuses {words:?}");
    }

    /// Stops the server, and returns when it has exited.
    pub(crate) fn stop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            guard.wait().unwrap();
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}
