//! Exhausted resources: the disk, database connections, file descriptors. The service reports it, does what it still
//! can, and recovers by itself.

use std::{process::Command, time::Duration};

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;

use crate::support::{
    Backend, LOCKS_WAITED_FOR, Postgres, SECRET, World,
    client::sms,
    free_port, on_both, postgres,
    program::{Installation, NUMBER, client, deliver, file_of, post},
};

on_both! {
    /// The log is often on the same disk as the database. Failing to write it must not end the server.
    async fn a_log_that_cannot_be_written_loses_lines_only(world: World) {
        let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "trace");
        installation.populate();
        let mut command = installation.command(&["serve"]);
        command.stderr(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        let serving = installation.start(command);
        let token = installation.rent().await;
        for n in 0..10 {
            installation.post_until_stored(&n.to_string()).await;
        }
        assert_eq!(installation.count_messages(&token).await, 10);
        serving.stop();
    }
}

/// A full disk that gets space again, under the same process.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_recovers_from_a_size_limit() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
    installation.populate();
    // Writing beyond the limit fails, as on a full disk, instead of ending the process.
    let command = installation.server_by("trap '' XFSZ; exec \"$0\" serve");
    let (serving, log) = installation.serve_with_log(command);
    let token = installation.rent().await;
    for n in 0..5 {
        installation.post_until_stored(&n.to_string()).await;
    }
    for round in 0..3 {
        let before = installation.count_messages(&token).await;
        serving.limit("--fsize=4096:unlimited");
        let client = client();
        for n in 0..20 {
            let message = sms(&format!("full {round} {n}"), NUMBER, "x");
            let answer = deliver(&client, installation.address, "sandbox", &message).await.unwrap();
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
        }
        assert_eq!(installation.count_messages(&token).await, before, "reading goes on");
        let (status, told) = installation.readiness().await;
        assert_eq!((status, &told["status"]), (200, &"degraded".into()));
        assert!(["full", "failing"].contains(&told["store"].as_str().unwrap()), "{told}");
        serving.limit("--fsize=unlimited:unlimited");
        // Readiness recovers without a message.
        installation.wait_until_store_is("ok").await;
        installation.post_until_stored(&format!("again {round}")).await;
        assert_eq!(installation.count_messages(&token).await, before + 1);
    }
    assert_eq!(world.column("SELECT integrity_check FROM pragma_integrity_check").await, ["ok"]);
    assert!(log.count(&["messages are stored again"]) >= 1, "{}", log.text());
    assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
    serving.stop();
}

/// A real file system that is full, where the test may mount one.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_reported_as_full() {
    // In a mount namespace of its own, so that the file system goes with the server.
    let may = Command::new("unshare").args(["-rm", "true"]).status();
    if !may.is_ok_and(|status| status.success()) {
        eprintln!("no file system can be made here; the test before this one shows the same with a limit");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    let installation = Installation::over(&format!("sqlite:{path}/otpwire.sqlite")).with("OTPWIRE_LOG", "info");
    let fill = format!(
        "mount -t tmpfs -o size=3m none {path} && \"$0\" migrate up >/dev/null \
         && echo \"{SECRET}\" | \"$0\" admin add-provider --kind sandbox --name sandbox >/dev/null \
         && echo '{NUMBER}' | \"$0\" admin import-numbers --provider sandbox - >/dev/null \
         && echo 'correct horse battery' | \"$0\" admin create-user --email renter@example.com >/dev/null \
         && exec \"$0\" serve"
    );
    let mut command = Command::new("unshare");
    command.args(["-rm", "/bin/sh", "-c", &fill, env!("CARGO_BIN_EXE_otpwire")]);
    let (serving, log) = installation.serve_with_log(installation.configure(command, &[]));
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let filler = format!("/proc/{}/root{path}/filler", serving.id());
    // Until not one byte more fits.
    let mut bytes = vec![0; 4 << 20];
    while !bytes.is_empty() {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        if std::io::Write::write_all(&mut &file, &bytes).is_err() {
            bytes.truncate(bytes.len() / 2);
        }
    }
    // SQLite can still use the space that its log has reserved.
    let mut n = 0;
    let client = client();
    while post(&client, installation.address, &sms(&format!("fits {n}"), NUMBER, "x")).await {
        n += 1;
    }
    installation.wait_until_store_is("full").await;
    assert!(log.count(&["reason=\"full\"", "database or disk is full"]) >= 1, "{}", log.text());
    assert_eq!(installation.count_messages(&token).await, 1 + n);
    std::fs::remove_file(&filler).unwrap();
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2 + n);
    serving.stop();
}

/// Runs statements on one connection.
async fn run(database: &str, statements: &[&str]) {
    let mut options = sea_orm::ConnectOptions::new(database);
    options.max_connections(1);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    for statement in statements {
        connection.execute_unprepared(statement).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn name_of(database_url: &str) -> &str {
    database_url.rsplit('/').next().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_postgresql_is_reported_and_recovers() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
    installation.populate();
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let refuse = "BEGIN RAISE EXCEPTION ''could not extend file'' USING ERRCODE = ''53100''; END";
    world
        .sql(&format!(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS '{refuse}';
             CREATE TRIGGER no_space BEFORE INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION no_space();
             CREATE TRIGGER no_space BEFORE INSERT ON api_rate_limits FOR EACH STATEMENT EXECUTE FUNCTION no_space()"
        ))
        .await;
    let client = client();
    for n in 0..20 {
        let answer = deliver(&client, installation.address, "sandbox", &sms(&format!("full {n}"), NUMBER, "x")).await;
        assert_eq!(answer.unwrap().status(), 503);
    }
    installation.wait_until_store_is("full").await;
    assert_eq!(installation.readiness().await.0, 200);
    assert_eq!(installation.count_messages(&token).await, 1);
    world.sql("DROP FUNCTION no_space CASCADE").await;
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2);
    assert!(log.count(&["reason=\"full\"", "could not extend file"]) >= 1, "{}", log.text());
    assert!(log.count(&["failed for now"]) < 12, "{}", log.text());
    serving.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_postgresql_is_reported_and_recovers() {
    let world = World::new(Backend::Cluster).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let serving = installation.serve();
    let token = installation.rent().await;
    installation.post_until_stored("0").await;
    let database = name_of(&world.database_url);
    let read_only = async |wish: &str| {
        let set = format!("ALTER DATABASE {database} SET default_transaction_read_only = {wish}");
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'");
        run(&postgres().await.url("postgres"), &[&set, &end]).await;
    };
    read_only("on").await;
    let client = client();
    let refused = async {
        loop {
            let answer = deliver(&client, installation.address, "sandbox", &sms("refused", NUMBER, "x")).await.unwrap();
            assert_eq!(answer.status(), 503);
            if installation.readiness().await.1["store"] == "read_only" {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("it does not say so");
    assert_eq!(installation.count_messages(&token).await, 1);
    read_only("off").await;
    installation.wait_until_store_is("ok").await;
    installation.post_until_stored("last").await;
    assert_eq!(installation.count_messages(&token).await, 2);
    serving.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_are_received_while_all_connections_of_the_pool_are_in_use() {
    let world = World::new(Backend::Cluster).await;
    let role = format!("limited_{}", name_of(&world.database_url));
    // Only a superuser can create roles.
    let superuser = Postgres::superuser_url(&world.database_url);
    run(&superuser, &[&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0; GRANT otpwire TO {role}")]).await;
    let limited = world.database_url.replace("otpwire@", &format!("{role}@"));
    let operator = Installation::new(&world).await;
    operator.populate();
    operator.succeed(&["admin", "add-provider", "--kind", "sandbox", "--name", "other"], SECRET);
    let installation =
        Installation::new(&world).await.with("OTPWIRE_DATABASE_URL", limited).with("OTPWIRE_DATABASE_CONNECTIONS", "2");
    // At the start the error says why.
    let said = installation.fail(&["serve"], "");
    assert!(said.contains("cannot open the database") && said.contains("too many connections for role"), "{said}");
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 8")]).await;
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.rent().await;
    // Requests of users use every connection of the pool.
    let held = world.hold("LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await;
    let address = installation.address;
    let log_in = move |n: usize| {
        let body = format!(r#"{{"email":"nobody-{n}@example.com","password":"wrong horse battery"}}"#);
        let request = client().post(format!("http://{address}/v1/auth/login"));
        request.header("content-type", "application/json").body(body).send()
    };
    // New requests keep coming, so a webhook that needed one of those connections would wait in vain.
    let stop = tokio_util::sync::CancellationToken::new();
    let askers = (0..12).map(|n| {
        let stop = stop.clone();
        tokio::spawn(async move {
            let mut answers = Vec::new();
            while !stop.is_cancelled() {
                let answer = log_in(n).await.unwrap();
                answers.push((answer.status().as_u16(), answer.headers().contains_key("retry-after")));
            }
            answers
        })
    });
    let askers: Vec<_> = askers.collect();
    while world.column(LOCKS_WAITED_FOR).await != ["2"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Also for a provider that is not cached yet.
    let messages = ["sandbox", "other"].map(async |provider| {
        let message = sms(&format!("meanwhile, by {provider}"), NUMBER, "x");
        let answer = deliver(&client(), installation.address, provider, &message).await.unwrap();
        assert_eq!(answer.status(), 200, "{provider}");
    });
    join_all(messages).await;
    stop.cancel();
    for asker in join_all(askers).await {
        assert!(asker.unwrap().iter().all(|answer| *answer == (503, true)));
    }
    assert!(log.count(&["all of database_connections are in use"]) >= 1, "{}", log.text());
    held.let_go().await;
    assert_eq!(log_in(12).await.unwrap().status(), 401);
    assert!(installation.count_messages(&token).await >= 1);
    // PostgreSQL refuses connections, and then accepts them again.
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'");
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 0; {end}")]).await;
    let answer = deliver(&client(), installation.address, "sandbox", &sms("refused", NUMBER, "x")).await.unwrap();
    assert_eq!(answer.status(), 503);
    let (status, told) = installation.readiness().await;
    assert_eq!((status, &told["store"]), (200, &"busy".into()), "{told}");
    run(&superuser, &[&format!("ALTER ROLE {role} CONNECTION LIMIT 8")]).await;
    installation.post_until_stored("last").await;
    installation.wait_until_store_is("ok").await;
    serving.stop();
}

#[cfg(target_os = "linux")]
mod descriptors {
    use std::{fs, io::Write as _, net::TcpStream};

    use super::*;
    use crate::support::program::Serving;

    fn open_files(serving: &Serving) -> usize {
        fs::read_dir(format!("/proc/{}/fd", serving.id())).unwrap().count()
    }

    /// The processor time that the server has used, in hundredths of a second.
    fn busy(serving: &Serving) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", serving.id())).unwrap();
        let fields: Vec<_> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn open_connections_work_without_free_descriptors() {
        let world = World::new(Backend::Cluster).await;
        let installation = Installation::new(&world).await;
        installation.populate();
        let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
        let token = installation.rent().await;
        let known = client();
        assert!(post(&known, installation.address, &sms("0", NUMBER, "x")).await);
        serving.limit(&format!("--nofile={}:", open_files(&serving) + 4));
        // More connections than there are descriptors. They are open for the client, and not accepted.
        let crowd: Vec<_> = (0..32).map(|_| TcpStream::connect(installation.address).unwrap()).collect();
        let told = async {
            while log.count(&["Too many open files"]) == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), told).await.expect("the log does not say so");
        let before = busy(&serving);
        for n in 1..20 {
            // A webhook may need one more connection to the database than is open, as a job uses another. It is told
            // to be sent again then, as providers do.
            let mut tries = 0;
            while !post(&known, installation.address, &sms(&n.to_string(), NUMBER, "x")).await {
                tries += 1;
                assert!(tries < 5, "webhook {n} is not acknowledged: {}", log.text());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Accepting in a busy loop would use a whole processor: a hundred hundredths of a second and more.
        assert!(busy(&serving) - before < 80, "it spins");
        assert!(log.count(&["Too many open files"]) < 8, "{}", log.text());
        drop(crowd);
        serving.limit("--nofile=4096:");
        assert_eq!(installation.count_messages(&token).await, 20);
        installation.post_until_stored("last").await;
        serving.stop();
    }

    /// More connections than there may be open files, from one address: they send nothing, half a head, or a body
    /// without its last byte.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn health_checks_are_answered_when_every_place_is_taken() {
        let world = World::new(Backend::Embedded).await;
        let operator = format!("127.0.0.1:{}", free_port());
        let installation = Installation::new(&world).await.with("OTPWIRE_METRICS_LISTEN", operator.clone());
        installation.populate();
        let (serving, log) = installation.serve_with_log(installation.server_by("ulimit -n 256; exec \"$0\" serve"));
        let token = installation.rent().await;
        let body = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{";
        let mut crowd = Vec::new();
        for index in 0..600 {
            let mut stream = TcpStream::connect(installation.address).unwrap();
            // Beyond the bounds the server closes connections, perhaps before this is sent.
            let _ = stream.write_all(["", "GET / HTTP/1.1\r\nhost: x\r\n", body][index % 3].as_bytes());
            crowd.push(stream);
        }
        let public = installation.address.to_string();
        for (address, path) in [
            (&public, "healthz"),
            (&public, "readyz"),
            (&operator, "metrics"),
            (&operator, "readyz"),
            (&operator, "healthz"),
        ] {
            let answer = client().get(format!("http://{address}/{path}")).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{address} {path}");
        }
        let refused = client().get(format!("http://{public}/v1/numbers")).send().await.unwrap();
        assert_eq!(refused.status(), 503);
        // Files of connections that make way are closed a moment later, so accepting may have had to try again.
        assert!(open_files(&serving) < 256, "{}", log.text());
        // The crowd stays, and is given up.
        installation.post_until_stored("after").await;
        assert_eq!(installation.count_messages(&token).await, 1);
        drop(crowd);
        serving.stop();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_limit_of_open_files_is_raised() {
        let world = World::new(Backend::Embedded).await;
        let installation = Installation::new(&world).await.with("OTPWIRE_LOG", "info");
        installation.populate();
        let command = installation.server_by("ulimit -Sn 64; ulimit -Hn 3000; exec \"$0\" serve");
        let (serving, log) = installation.serve_with_log(command);
        let limits = fs::read_to_string(format!("/proc/{}/limits", serving.id())).unwrap();
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        assert!(files.contains("3000                 3000"), "{files}");
        assert!(log.count(&["open files", "3000"]) == 1, "{}", log.text());
        // The server uses the descriptors.
        let crowd: Vec<_> = (0..200).map(|_| TcpStream::connect(installation.address).unwrap()).collect();
        for mut one in &crowd {
            one.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
        }
        while open_files(&serving) < 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        serving.stop();
    }
}

/// A read-only database file is an error at the start.
#[tokio::test]
async fn a_read_only_database_is_refused_at_the_start() {
    let world = World::new(Backend::Embedded).await;
    let url = format!("{}?mode=ro", world.database_url);
    let said = Installation::over(&url).fail(&["serve"], "");
    assert!(said.contains("`mode=ro` does not go"), "{said}");
    let file = file_of(&world.database_url);
    let mut rights = std::fs::metadata(file).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(file, rights).unwrap();
    if std::fs::OpenOptions::new().write(true).open(file).is_ok() {
        // This user may write every file (root).
        return;
    }
    let said = Installation::over(&world.database_url).fail(&["serve"], "");
    assert!(said.contains("cannot write") && said.contains("otpwire.sqlite"), "{said}");
}
