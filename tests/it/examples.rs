//! The examples, as somebody runs them who has only them: `examples/wait-for-code.sh` against a real server.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use serde_json::json;

use crate::{
    live::watched,
    support::{Renter, Replica, World, client::sms, free_port, on_both},
};

/// How many pipelines run at once.
const PIPELINES: usize = 16;

/// One run of the script.
struct Run {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Run {
    fn start(server: &str, key: &str, arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wait-for-code.sh");
        let mut command = Command::new("bash");
        command.arg(script).arg(server).args(arguments).env("OTPWIRE_API_KEY", key).env("NO_PROXY", "*");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said }
    }

    /// The number that it has rented, once it says so.
    fn number(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let number = line.trim_end().strip_prefix("send the code to ").map(str::to_owned);
        number.unwrap_or_else(|| panic!("{line}{}", self.rest()))
    }

    fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Whether it succeeded, what it printed, and what else it said.
    fn end(mut self) -> (bool, String, String) {
        let said = self.rest();
        let mut printed = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        (self.child.wait().unwrap().success(), printed.trim_end().to_owned(), said)
    }
}

/// The script ends without a code; returns what it says.
async fn refusal(server: &str, key: &str, country: &str) -> String {
    let run = Run::start(server, key, &[country]);
    let (is_success, printed, said) = tokio::task::spawn_blocking(move || run.end()).await.unwrap();
    assert!(!is_success && printed.is_empty(), "{printed}");
    said
}

/// A renter whose plan allows for all pipelines, and a key of theirs.
async fn api_key(world: &World, replica: &Replica) -> (Renter, String) {
    replica.renter("pipeline@example.com").await;
    world.sql("UPDATE users SET plan = 'premium'").await;
    let renter = replica.log_in("pipeline@example.com").await;
    let key = json!({ "name": "pipeline", "scopes": ["numbers:rent", "messages:read"] });
    let made = replica.rest_ok(Some(&renter.token), "POST /v1/users/me/api-keys", Some(key)).await;
    (renter, made["key"].as_str().unwrap().to_owned())
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

on_both! {
    async fn sixteen_pipelines_at_once_each_get_the_code_of_their_own_number(world: World) {
        let (replica, _) = world.populated().await;
        let numbers: Vec<_> = (0..PIPELINES).map(|n| format!("+3312345{n:04}")).collect();
        replica.add_numbers("sandbox", &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let (renter, key) = api_key(&world, &replica).await;
        let server = url(replica.listen().await);

        let mut runs: Vec<_> = (0..PIPELINES).map(|_| Run::start(&server, &key, &["FR", "GitHub"])).collect();
        let started = tokio::task::spawn_blocking(move || {
            let numbers: Vec<_> = runs.iter_mut().map(Run::number).collect();
            runs.into_iter().zip(numbers).collect::<Vec<_>>()
        });
        let started = started.await.unwrap();
        let mut rented: Vec<_> = started.iter().map(|(_, number)| number.clone()).collect();
        rented.sort();
        assert_eq!(rented, numbers, "each has one of its own");

        // In another order than they began in. A code of another service, and texts without one, are for nobody.
        for (n, number) in numbers.iter().rev().enumerate() {
            for (id, text) in [
                (format!("other-{n}"), "Your Uber code is 111111".to_owned()),
                (format!("none-{n}"), "Your parcel is on its way".to_owned()),
                (format!("code-{n}"), format!("{} is your GitHub authentication code.", code_of(number))),
            ] {
                assert_eq!(replica.post_sms(&sms(&id, number, &text)).await.status, 200);
            }
        }
        let ended = tokio::task::spawn_blocking(|| {
            started.into_iter().map(|(run, number)| (number, run.end())).collect::<Vec<_>>()
        });
        for (number, ended) in ended.await.unwrap() {
            assert_eq!(ended, (true, code_of(&number), String::new()), "{number}");
        }
        let mine = replica.rest_ok(Some(&renter.token), "GET /v1/numbers?status=assigned", None).await;
        assert_eq!(mine["numbers"], json!([]), "all are given back");
    }

    async fn a_pipeline_says_what_went_wrong(world: World) {
        let (replica, _) = world.populated().await;
        let (renter, key) = api_key(&world, &replica).await;
        let server = url(replica.listen().await);

        let said = refusal(&server, "otpk_wrong", "US").await;
        assert!(said.contains("UNAUTHENTICATED: the API key is not valid"), "{said}");
        let said = refusal(&server, &key, "IS").await;
        assert!(said.contains("NO_NUMBER_AVAILABLE: "), "{said}");
        let said = refusal(&server, &key, "Germany").await;
        assert!(said.contains("VALIDATION_ERROR: country_code: must be a country code of two letters"), "{said}");
        let said = refusal(&format!("{server}/elsewhere/"), &key, "US").await;
        assert!(said.contains("NOT_FOUND: there is nothing at this path"), "{said}");

        // Where the only number is somebody's for an hour more, it is said when that ends.
        let rent = json!({ "country_code": "DE", "duration_hours": 1 });
        replica.rest_ok(Some(&renter.token), "POST /v1/numbers", Some(rent)).await;
        let said = refusal(&server, &key, "DE").await;
        assert!(said.contains("NO_NUMBER_AVAILABLE: ") && said.contains("(one is free at 2026-"), "{said}");

        // No code: the number is given back all the same.
        let mut run = Run::start(&server, &key, &["US"]);
        let (run, number) = tokio::task::spawn_blocking(move || {
            let number = run.number();
            (run, number)
        }).await.unwrap();
        assert_eq!(replica.post_sms(&sms("none", &number, "Your parcel is on its way")).await.status, 200);
        watched(&replica, 1).await;
        world.advance(60);
        let ended = tokio::task::spawn_blocking(move || run.end()).await.unwrap();
        assert_eq!(ended, (false, String::new(), "wait-for-code: no code came within a minute\n".to_owned()));
        let assigned = replica.rest_ok(Some(&renter.token), "GET /v1/numbers?status=assigned", None).await;
        assert!(assigned["numbers"].as_array().unwrap().iter().all(|mine| mine["phone_number"] != number), "{assigned}");
    }
}

fn code_of(number: &str) -> String {
    format!("48{}", &number[number.len() - 4..])
}

/// A server that is away is tried again, and then said to be.
#[test]
fn a_pipeline_says_that_the_server_is_away() {
    // Without the waits between attempts.
    let folder = tempfile::tempdir().unwrap();
    let sleep = folder.path().join("sleep");
    fs::write(&sleep, format!("#!/bin/sh\necho \"$1\" >> {}/waits\n", folder.path().display())).unwrap();
    fs::set_permissions(&sleep, fs::Permissions::from_mode(0o755)).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the script needs the programs of the machine")]
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/wait-for-code.sh"))
        .args([&format!("http://127.0.0.1:{}", free_port()), "US"])
        .env("OTPWIRE_API_KEY", "otpk_any")
        .env("NO_PROXY", "*")
        .env("PATH", path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(said.starts_with("wait-for-code: GET http://127.0.0.1:") && said.contains("curl: (7) "), "{said}");
    assert_eq!(fs::read_to_string(folder.path().join("waits")).unwrap(), "1\n2\n3\n4\n");
}
