//! The commands beside `serve`: what they print into a pipe that nobody reads, what they do without a database, and how
//! they read the configuration.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{ChildStdout, Command, Output, Stdio},
};

use crate::support::{
    Backend, SECRET, World,
    program::{Installation, NO_PROXY, PASSWORD, Serving, client},
};

/// The program without any setting, in a folder of its own.
fn bare(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otpwire"));
    command.args(arguments).env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a command whose output nobody reads; returns what it reports.
fn run_unread(mut command: Command, input: &str) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = command.stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    // Some commands read nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_ends_no_command_in_a_panic() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let _serving = installation.serve();
    for (arguments, input) in [
        (vec!["check-config"], ""),
        (vec!["health"], ""),
        (vec!["schema"], ""),
        (vec!["openapi"], ""),
        (vec!["migrate", "status"], ""),
        (vec!["migrate", "up"], ""),
        (vec!["--help"], ""),
        (vec!["admin", "provider-kinds"], ""),
        (vec!["admin", "create-user", "--email", "piped@example.com"], PASSWORD),
        (vec!["admin", "update-user", "--email", "piped@example.com", "--plan", "premium"], ""),
        (vec!["admin", "add-provider", "--kind", "sandbox", "--name", "piped"], SECRET),
        (vec!["admin", "import-numbers", "--provider", "piped", "-"], "+442079460958\n"),
        (vec!["admin", "reseal-secrets"], ""),
        (vec!["admin", "list-users"], ""),
        (vec!["admin", "list-users", "--output", "json"], ""),
        (vec!["admin", "list-providers"], ""),
        (vec!["admin", "show-provider", "piped"], ""),
        (vec!["admin", "list-numbers"], ""),
        (vec!["admin", "export-numbers"], ""),
        (vec!["admin", "list-api-keys"], ""),
        (vec!["admin", "list-reports"], ""),
        (vec!["completions", "bash"], ""),
        (vec!["simulate", "--provider", "piped", "--to", "+442079460958", "--body", "x"], ""),
        (vec!["simulate", "--provider", "piped", "--to", "+442079460958", "--body", "x", "--print"], ""),
        (vec!["read-codes"], "Your code is 482913\n"),
        (vec!["read-codes", "--explain"], "Your code is 482913\n"),
        (vec!["measure-codes", "-"], "{\"text\":\"Your code is 482913\",\"type\":\"otp\",\"code\":\"482913\"}\n"),
        (vec!["demo", "--listen", "127.0.0.1:0", "--messages", "3", "--every", "0"], ""),
    ] {
        let output = run_unread(installation.command(&arguments), input);
        assert!(output.status.success() && !stderr(&output).contains("panicked"), "{arguments:?}: {}", stderr(&output));
    }
    // What was to be done is done, whether or not anybody reads that.
    let users = world.column("SELECT plan FROM users WHERE email = 'piped@example.com'").await;
    assert_eq!(
        (users, world.column("SELECT count(*) FROM phone_numbers").await),
        (vec!["premium".into()], vec!["2".into()])
    );

    // Nobody reads the complaints either: every other line is imported all the same.
    let mut import = installation.command(&["admin", "import-numbers", "--provider", "piped", "-"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = import.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(writer).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"nonsense\nrubbish\n+442079460959\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(world.column("SELECT count(*) FROM phone_numbers").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_key_is_printed_once_and_does_what_its_scopes_say() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.succeed(&["admin", "create-user", "--email", "ci@example.com"], PASSWORD);
    let create = ["admin", "create-api-key", "CI@example.com", "--name", "ci", "--scopes"];
    let key = installation.succeed(&[&create[..], &["numbers:lease,messages:read", "--days", "90"]].concat(), "");
    assert!(key.starts_with("otpk_") && key.trim_end().lines().count() == 1, "{key}");
    let stored = "SELECT name || ' ' || scopes FROM api_keys WHERE expires_at IS NOT NULL";
    assert_eq!(world.column(stored).await, ["ci messages:read numbers:lease"]);
    for (arguments, part) in [
        ([&create[..], &["numbers:all"]].concat(), "`numbers:all` is not a scope"),
        ([&create[..], &["numbers:lease", "--days", "366"]].concat(), "must be from 1 to 365"),
        (
            ["admin", "create-api-key", "nobody@example.com", "--name", "ci", "--scopes", "numbers:rent"].to_vec(),
            "not found",
        ),
    ] {
        let refused = installation.fail(&arguments, "");
        assert!(refused.contains(part), "{refused}");
    }
    let replica = world.replica().await;
    assert_eq!(replica.rest(Some(key.trim_end()), "GET /v1/leases", None).await.status, 200);
    assert_eq!(replica.rest(Some(key.trim_end()), "GET /v1/numbers", None).await.error(403), "INSUFFICIENT_SCOPE");
}

#[test]
fn looking_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap().join("otpwire.sqlite");
    let full = path.display().to_string();
    let kinds = bare(folder.path(), &["admin", "provider-kinds"]).output().unwrap();
    assert!(kinds.status.success() && stdout(&kinds).contains("\ntwilio\n"), "{}", stderr(&kinds));
    let checked = bare(folder.path(), &["check-config"]).output().unwrap();
    assert!(checked.status.success(), "{}", stderr(&checked));
    let told = stdout(&checked);
    assert!(told.contains(&format!("SQLite at {full}, which is not there yet")), "{told}");
    for arguments in [
        vec!["migrate", "status"],
        vec!["migrate", "down"],
        vec!["admin", "update-user", "--email", "a@example.com", "--plan", "free"],
        vec!["admin", "reseal-secrets"],
        vec!["admin", "list-users"],
        vec!["backup", "copy.sqlite"],
        vec!["admin", "import-numbers", "--provider", "x", "/dev/null"],
        vec!["simulate", "--provider", "x", "--to", "+14155550100", "--body", "x"],
    ] {
        let refused = bare(folder.path(), &arguments).output().unwrap();
        let text = stderr(&refused);
        assert!(!refused.status.success() && text.contains(&format!("there is no database at {full}")), "{text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "something was made");
    // What an error quotes cannot write to the terminal.
    let texts = folder.path().join("texts.jsonl");
    fs::write(&texts, r#"{"text":"x","type":"\u001b[2Jtype"}"#).unwrap();
    let refused = bare(folder.path(), &["measure-codes", texts.to_str().unwrap()]).output().unwrap();
    assert!(!refused.status.success() && stderr(&refused).contains("[2Jtype"), "{}", stderr(&refused));
    assert!(!stderr(&refused).contains('\u{1b}'), "{}", stderr(&refused));
    fs::remove_file(texts).unwrap();
    // What a platform is set up with makes one, and says where.
    let made = bare(folder.path(), &["migrate", "up"]).output().unwrap();
    assert!(
        made.status.success() && stderr(&made).contains(&format!("there was no database at {full}")),
        "{}",
        stderr(&made)
    );
    let again = bare(folder.path(), &["migrate", "up"]).output().unwrap();
    assert_eq!((again.status.success(), stderr(&again)), (true, String::new()));
    let checked = stdout(&bare(folder.path(), &["check-config"]).output().unwrap());
    assert!(checked.contains(&format!("SQLite at {full}; ")) && checked.ends_with("ready\n"), "{checked}");
}

#[test]
fn a_server_says_which_file_it_serves_and_whether_it_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let installation = Installation::over("sqlite:relative.sqlite").without("OTPWIRE_SECRET_KEY");
    let installation = installation.with("OTPWIRE_LOG", "info").with("OTPWIRE_DATABASE_URL", "sqlite:relative.sqlite");
    let full = folder.path().canonicalize().unwrap().join("relative.sqlite").display().to_string();
    let serve = || {
        let mut command = installation.command(&["serve"]);
        command.current_dir(folder.path());
        let (serving, log) = installation.serve_with_log(command);
        serving.stop();
        log.text()
    };
    let log = serve();
    assert!(log.contains(&format!("there was no database there: making a new one database=\"{full}\"")), "{log}");
    let log = serve();
    assert!(!log.contains("there was no database") && log.contains(&format!("database=\"{full}\"")), "{log}");
}

#[test]
fn errors_about_the_database_name_its_host_and_not_its_password() {
    let url = "postgres://otpwire:s3cret-word@127.0.0.1:9/numbers";
    let installation = Installation::over(url);
    for arguments in [vec!["serve"], vec!["check-config"], vec!["migrate", "up"], vec!["admin", "reseal-secrets"]] {
        let complaint = installation.fail(&arguments, "");
        assert!(complaint.contains("cannot open the database numbers at 127.0.0.1:9: "), "{complaint}");
        assert!(!complaint.contains("s3cret"), "{complaint}");
    }
    let nowhere = Installation::over("sqlite:no-such-folder/otpwire.sqlite").fail(&["serve"], "");
    let full = std::env::temp_dir().join("no-such-folder/otpwire.sqlite").display().to_string();
    assert!(nowhere.contains(&full), "{nowhere}");
}

#[test]
fn variables_of_others_do_not_stop_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let check = |variables: &[(&str, &str)]| {
        let output = bare(folder.path(), &["check-config"]).envs(variables.iter().copied()).output().unwrap();
        (output.status.success(), stdout(&output), stderr(&output))
    };
    // Of our own clients, and of Kubernetes for services that are called otpwire and otpwire-redis.
    let (valid, told, _) = check(&[
        ("OTPWIRE_API_KEY", "otpw_secret"),
        ("OTPWIRE_PASSWORD", "hunter2"),
        ("OTPWIRE_PORT", "tcp://10.0.0.1:8080"),
        ("OTPWIRE_SERVICE_HOST", "10.0.0.1"),
        ("OTPWIRE_SERVICE_PORT_HTTP", "8080"),
        ("OTPWIRE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("OTPWIRE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("OTPWIRE_REDIS_PORT", "tcp://10.0.0.2:6379"),
        ("OTPWIRE_REDIS_SERVICE_HOST", "10.0.0.2"),
    ]);
    assert!(valid && !told.contains("warning"), "{told}");
    assert!(told.contains("listen      127.0.0.1:8080") && told.contains("redis       no"), "{told}");
    let (valid, told, _) = check(&[("OTPWIRE_LISTNE", "x"), ("OTPWIRE_PORT", "8080"), ("OTPWIRE_CLUSTER", "blue")]);
    assert!(valid, "{told}");
    assert!(
        told.contains("the variable OTPWIRE_LISTNE is not a setting and is ignored; did you mean OTPWIRE_LISTEN?"),
        "{told}"
    );
    for other in ["OTPWIRE_PORT", "OTPWIRE_CLUSTER"] {
        assert!(told.contains(&format!("the variable {other} is not a setting and is ignored\n")), "{told}");
    }
    let (valid, told, _) = check(&[("OTPWIRE_LISTEN", "0.0.0.0:8080")]);
    assert!(
        valid
            && told.contains("public_url  http://localhost:8080\n")
            && told.contains("warning     public_url is not set"),
        "{told}"
    );
    let lists = [
        ("OTPWIRE_LISTEN", "localhost:9000"),
        ("OTPWIRE_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"),
        ("OTPWIRE_ALLOWED_ORIGINS", "https://a.example.com,https://b.example.com"),
        ("OTPWIRE_ALLOWED_HEADERS", "[x-tenant]"),
    ];
    let (valid, told, complaint) = check(&lists);
    assert!(valid && told.contains("listen      127.0.0.1:9000"), "{told}{complaint}");
    // Known ones that are wrong stop it: which, what is wrong, where, and what would be right.
    for (name, value, parts) in [
        (
            "OTPWIRE_RETENTION_HOURS",
            "long",
            &["retention_hours: must be ", "OTPWIRE_RETENTION_HOURS", "retention_hours = 24"][..],
        ),
        ("OTPWIRE_LISTEN", "8080", &["listen: ", "a number", "OTPWIRE_LISTEN", "127.0.0.1:8080"]),
        ("OTPWIRE_LISTEN", "tcp://10.0.0.1:80", &["listen: must be an address and a port", "localhost:8080"]),
        ("OTPWIRE_LOG_FORMAT", "xml", &["log_format: must be one of text, json"]),
        ("OTPWIRE_TRUSTED_PROXIES", "10.0.0.0/99", &["trusted_proxies: ", "`10.0.0.0/99`", "10.0.0.0/8 or 10.0.0.1"]),
        ("OTPWIRE_DRAIN_SECONDS", "-1", &["drain_seconds: "]),
    ] {
        let (valid, _, complaint) = check(&[(name, value)]);
        assert!(!valid && parts.iter().all(|part| complaint.contains(part)), "{name}={value}: {complaint}");
    }
    // A wrong secret is not quoted.
    for (name, value) in [("OTPWIRE_SECRET_KEY", "4711471147"), ("OTPWIRE_PREVIOUS_SECRET_KEYS", "4711471147")] {
        let (valid, _, complaint) = check(&[(name, value)]);
        assert!(!valid && !complaint.contains("47114711"), "{complaint}");
    }
}

#[test]
fn an_unknown_key_of_the_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (text, parts) in [
        ("listne = \"127.0.0.1:1\"", &["listne: there is no such setting", "otpwire.toml", "did you mean listen?"][..]),
        ("[server]\nlisten = \"127.0.0.1:1\"", &["server: there is no such setting"]),
        ("listen = \"127.0.0.1:1\"\nsecret_key = \"c2VjcmV0", &["TOML", "line 2"]),
    ] {
        fs::write(folder.path().join("otpwire.toml"), text).unwrap();
        let output = bare(folder.path(), &["check-config"]).output().unwrap();
        let complaint = stderr(&output);
        assert!(!output.status.success() && parts.iter().all(|part| complaint.contains(part)), "{text}: {complaint}");
        assert!(!complaint.contains("c2VjcmV0"), "a secret is quoted: {complaint}");
    }
}

/// A running demo.
struct Demo {
    _serving: Serving,
    /// It ends when nobody reads what it prints.
    _output: BufReader<ChildStdout>,
    printed: Vec<String>,
}

/// Starts a demo, and reads what it prints until it has rented a number.
fn demo(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Demo {
    let mut command = bare(folder, &[&["demo", "--every", "60"], arguments].concat());
    command.env("HTTP_PROXY", NO_PROXY).env("TMPDIR", folder).envs(variables.iter().copied());
    let mut serving = Serving(command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap());
    let mut output = BufReader::new(serving.0.stdout.take().unwrap());
    let mut printed = Vec::new();
    for line in output.by_ref().lines() {
        let line = line.unwrap();
        let is_last = line.starts_with("Rented ");
        printed.push(line);
        if is_last {
            break;
        }
    }
    Demo { _serving: serving, _output: output, printed }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_takes_another_port_only_for_its_default() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = bare(folder.path(), &["demo", "--listen", &address]).output().unwrap();
    let complaint = stderr(&refused);
    assert!(!refused.status.success() && complaint.contains(&format!("cannot listen on {address}")), "{complaint}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    // Another process may have the default already; then it is as good.
    let _default = TcpListener::bind("127.0.0.1:8080");
    let demo = demo(folder.path(), &[], &[("OTPWIRE_ALLOWED_ORIGINS", "https://app.example.com")]);
    let printed = &demo.printed;
    assert!(printed[0].contains("127.0.0.1:8080 is in use, so the demo listens on another port"), "{printed:?}");
    // It honours the origins that may call it.
    let explorer = printed.iter().find_map(|line| line.trim().strip_prefix("Explorer   ")).unwrap();
    let url = explorer.split_whitespace().next().unwrap().to_owned();
    let preflight = client()
        .request("OPTIONS".parse().unwrap(), &url)
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
}

#[test]
fn the_demo_shows_addresses_that_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let text = demo(folder.path(), &["--listen", "0.0.0.0:0"], &[]).printed.join("\n");
    assert!(
        text.contains("http://localhost:") && text.contains("ws://localhost:") && !text.contains("0.0.0.0"),
        "{text}"
    );
    assert!(text.contains("/#sign-in=otps_"), "{text}");
    // As behind the published port of a container.
    let variables = [("OTPWIRE_LISTEN", "0.0.0.0:0"), ("OTPWIRE_PUBLIC_URL", "https://demo.example.com")];
    let text = demo(folder.path(), &[], &variables).printed.join("\n");
    assert!(
        text.contains("https://demo.example.com/#sign-in=otps_") && text.contains("wss://demo.example.com/graphql"),
        "{text}"
    );
}
