//! The program itself: its commands, its start and its end, as an operator sees them.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader, Write},
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Backend, Redis, SECRET, World, on_both,
    program::{Installation, KEY, NO_PROXY, PASSWORD, Serving, post_concurrently},
};

on_both! {
    async fn acknowledged_messages_survive_sigkill(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let mut serving = installation.serve();
        installation.rent().await;
        let stop = tokio_util::sync::CancellationToken::new();
        let acknowledged = Arc::new(Mutex::new(HashSet::new()));
        let storm = post_concurrently(installation.address, stop.clone(), Arc::clone(&acknowledged));
        for kills in 1..=3 {
            // While messages are being received, however long the start takes.
            while acknowledged.lock().unwrap().len() < 10 * kills {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            serving.signal("-KILL");
            drop(serving);
            serving = installation.serve();
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        stop.cancel();
        let acknowledged = storm.await.unwrap();
        drop(serving);
        assert!(acknowledged.len() >= 30, "only {} were acknowledged", acknowledged.len());
        let stored = world.column("SELECT provider_message_id FROM messages").await;
        let distinct: HashSet<String> = stored.iter().cloned().collect();
        assert_eq!(stored.len(), distinct.len(), "something is stored twice");
        let lost: Vec<_> = acknowledged.difference(&distinct).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
        let seqs = world.column("SELECT inbox_seq FROM messages ORDER BY inbox_seq").await;
        assert_eq!(seqs, (1..=stored.len()).map(|seq| seq.to_string()).collect::<Vec<_>>());
    }

    async fn sigterm_ends_the_server_in_order(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let mut serving = installation.serve();
        let stop = tokio_util::sync::CancellationToken::new();
        let storm = post_concurrently(installation.address, stop.clone(), Arc::default());
        // The port is open before the server is ready.
        while world.column("SELECT count(*) FROM messages").await == ["0"] {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving.signal("-TERM");
        let ended = tokio::task::spawn_blocking(move || serving.0.wait().unwrap()).await.unwrap();
        stop.cancel();
        let acknowledged = storm.await.unwrap();
        assert!(ended.success(), "{ended}");
        assert!(!acknowledged.is_empty());
        let stored: HashSet<String> = world.column("SELECT provider_message_id FROM messages").await.into_iter().collect();
        assert!(acknowledged.is_subset(&stored));
    }

    async fn sigterm_during_the_start_ends_the_server_in_order(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let mut serving = installation.serve();
        serving.signal("-TERM");
        let ended = tokio::task::spawn_blocking(move || serving.0.wait().unwrap()).await.unwrap();
        assert!(ended.success(), "{ended}");
    }

    async fn logs_to_a_file_have_no_colours(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let mut command = installation.command(&["serve"]);
        let mut serving = Serving(command.env("OTPWIRE_LOG", "info").stderr(Stdio::piped()).spawn().unwrap());
        let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines().map(Result::unwrap);
        let line = log.find(|line| line.contains("otpwire listens")).unwrap();
        assert!(line.contains(" INFO otpwire::cli::serve: ") && !line.contains('\u{1b}'), "{line}");
    }

    async fn an_operator_sets_up_a_platform(world: World) {
        let installation = Installation::new(&world).await;
        world.store().await.migrate_down(100).await.unwrap();
        if world.backend == Backend::Cluster {
            assert!(installation.fail(&["serve"], "").contains("run `otpwire migrate up`"));
        }
        assert!(installation.succeed(&["migrate", "status"], "").contains("pending m20261122_000001_users"));
        installation.populate();
        assert!(!installation.succeed(&["migrate", "status"], "").contains("pending"));
        // Again: existing numbers stay as they are, and invalid lines are named.
        let again = installation.run(
            &["admin", "import-numbers", "--provider", "sandbox", "-"],
            "+14155550100\n# a comment\n\n+442079460958\n81234,us\n+nonsense\n81235\n",
        );
        assert!(!again.status.success());
        assert_eq!(String::from_utf8_lossy(&again.stdout), "added 2, known already 1, wrong 2\n");
        let complaints = String::from_utf8_lossy(&again.stderr).into_owned();
        assert!(complaints.contains("line 6: phone_number:") && complaints.contains("line 7: country_code:"), "{complaints}");
        for (arguments, input, complaint) in [
            (vec!["admin", "create-user", "--email", "renter@example.com"], PASSWORD, "exists"),
            (vec!["admin", "create-user", "--email", "x@example.com"], "short", "8 to 128"),
            (vec!["admin", "create-user", "--email", "x@example.com", "--role", "admin"], "password", "too easy to guess"),
            (vec!["admin", "create-user", "--email", "x@example.com", "--role", "admin"], "        ", "blank"),
            (vec!["admin", "create-user", "--email", "x@example.com", "--role", "root"], PASSWORD, "not a role"),
            (vec!["admin", "add-provider", "--kind", "twilio", "--name", "sandbox"], "x", "of this name"),
            (vec!["admin", "add-provider", "--kind", "sandbox", "--name", "weak"], "x", "too easy to guess"),
            (vec!["admin", "add-provider", "--kind", "sandbox", "--name", "a b"], "x", "name:"),
            (vec!["admin", "add-provider", "--kind", "twilio", "--name", "empty"], "\n", "must not be empty"),
            (vec!["admin", "add-provider", "--kind", "pigeon", "--name", "x"], "x", "not a kind of provider"),
            (vec!["admin", "import-numbers", "--provider", "nobody", "-"], "+1", "no provider named"),
            (vec!["--config", "/nowhere.toml", "check-config"], "", "no configuration file"),
        ] {
            let output = installation.fail(&arguments, input);
            assert!(output.contains(complaint), "{arguments:?}: {output}");
        }
        let kinds = installation.succeed(&["admin", "provider-kinds"], "");
        assert!(kinds.contains("\ntwilio\n") && kinds.contains("shared_key_id") && kinds.contains("allowed_sources"), "{kinds}");
        let configured = ["admin", "add-provider", "--kind", "vonage_sms", "--name", "vonage", "--priority", "2",
            "--configuration", r#"{"signature_method":"sha256"}"#, "--address-token"];
        let added = installation.succeed(&configured, "a signature secret\na-token-of-the-address\n");
        assert!(added.contains("/v1/webhooks/status?provider=vonage") && added.contains("`&token=`"), "{added}");
        assert!(!added.contains("a signature secret") && !added.contains("a-token-of"), "{added}");
        let wrong = ["admin", "add-provider", "--kind", "vonage_sms", "--name", "x", "--configuration", r#"{"signature_method":"md4"}"#];
        assert!(installation.fail(&wrong, "x\n").contains("configuration.signature_method"));
        let unsigned = installation.succeed(&["admin", "add-provider", "--kind", "clicksend", "--name", "clicksend"], "a long random text\n");
        assert!(unsigned.contains("`&token=` and the secret") && !unsigned.contains("random"), "{unsigned}");
        assert!(installation.succeed(&["admin", "reseal-secrets"], "").contains("of 3 providers"));
        let updated = ["admin", "update-user", "--email", "renter@example.com", "--plan", "premium", "--active", "false"];
        assert!(installation.succeed(&updated, "").contains("(user, premium, deactivated)"));
        let nobody = ["admin", "update-user", "--email", "nobody@example.com", "--plan", "free"];
        assert!(installation.fail(&nobody, "").contains("user not found"));
        let checked = installation.succeed(&["check-config"], "");
        assert!(checked.ends_with("ready\n") && !checked.contains(KEY) && !checked.contains("otpwire@"), "{checked}");
        assert!(installation.fail(&["health"], "").contains("no answer"));
        let _serving = installation.serve();
        assert!(installation.succeed(&["health"], "").contains("\"status\":\"ok\""));
        // Simulated webhooks, by the name of the account and by its kind.
        for (provider, answer) in [("sandbox", "OK"), ("vonage", "200 OK"), ("vonage_sms", "200 OK")] {
            let simulated = ["simulate", "--provider", provider, "--to", "+442079460958", "--body", "Your code is 482913", "--from", "GOOGLE"];
            let output = installation.succeed(&simulated, "");
            assert!(output.starts_with("200 OK\n") && output.contains(answer), "{output}");
        }
        let nobody = ["simulate", "--provider", "nobody", "--to", "1", "--body", "x"];
        assert!(installation.fail(&nobody, "").contains("no provider named `nobody`"));
        let wrong = ["simulate", "--provider", "sandbox", "--to", "nobody", "--body", "x"];
        assert!(installation.run(&wrong, "").status.code() != Some(0));
        let with_secret = ["simulate", "--provider", "sandbox", "--ask-secret", "--to", "+442079460958", "--body", "x", "--print"];
        let printed = installation.succeed(&with_secret, SECRET);
        assert!(printed.starts_with("POST http://") && printed.contains("x-otpwire-signature: v1="), "{printed}");
        assert!(!printed.contains(SECRET), "{printed}");
        let refused = ["simulate", "--provider", "sandbox", "--ask-secret", "--to", "+442079460958", "--body", "x"];
        let output = installation.run(&refused, "another secret");
        assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).starts_with("403 Forbidden"));
    }
}

#[test]
fn the_error_about_a_configuration_names_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("otpwire.toml");
    for (text, complaint) in [
        ("listne = \"127.0.0.1:1\"", "listne"),
        ("listen = 8080", "listen"),
        ("retention_hours = \"long\"", "retention_hours"),
        ("retention_hours = 0", "retention_hours: must be from 1"),
        ("redis_url = \"redis://localhost\"", "redis_url: SQLite serves one replica"),
        ("database_url = \"postgres://localhost/x\"", "secret_key: is needed with PostgreSQL"),
        ("listen = ", "TOML"),
        ("trusted_proxies = [\"10.0.0.0/99\"]", "trusted_proxies"),
        ("signing_key_file = \"/nowhere.pem\"", "cannot read the key file /nowhere.pem"),
        ("verification_key_files = [\"otpwire.toml\"]", "verification_key_files: must hold Ed25519 keys"),
        ("smtp_url = \"smtp://localhost\"", "mail_from: is needed with smtp_url"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_otpwire"))
            .args(["--config", file.to_str().unwrap(), "check-config"])
            .env_clear()
            .current_dir(folder.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains(complaint), "{text}: {stderr}");
    }
}

/// The demo, without its pauses.
#[test]
fn the_demo_shows_codes() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_otpwire"))
        .args(["demo", "--listen", "127.0.0.1:0", "--messages", "3", "--every", "0"])
        .env("HTTP_PROXY", NO_PROXY)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: Vec<String> = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
    assert!(demo.wait().unwrap().success());
    let text = lines.join("\n");
    for part in ["/graphql", "/v1/webhooks/sms?provider=sandbox", "demo@example.com", "Rented +14155550100"] {
        assert!(text.contains(part), "{text}");
    }
    let shown: Vec<_> = lines.iter().filter_map(|line| line.split_once(" ms  ")).map(|(_, message)| message).collect();
    assert_eq!(shown.len(), 3, "{text}");
    for message in shown {
        // The sender, the code and the text.
        let (code, text_after) =
            message.trim_start().split_once(char::is_whitespace).unwrap().1.trim().split_once(' ').unwrap();
        let digits = code.len().checked_sub(6).map(|at| &code[at..]);
        assert!(digits.is_some_and(|digits| text_after.contains(digits)), "{text}");
    }
}

#[test]
fn the_schema_is_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_otpwire")).arg("schema").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), include_str!("../../schema.graphql"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_starts_while_redis_is_away() {
    let world = World::new(Backend::Cluster).await;
    let mut redis = Redis::start();
    let installation = Installation::new(&world).await.with("OTPWIRE_REDIS_URL", redis.url());
    installation.populate();
    redis.stop();
    let output = installation.fail(&["check-config"], "");
    assert!(output.contains("redis_url") && output.contains("does not answer"), "{output}");
    let _serving = installation.serve();
    let is_bus = async |expected: &str| loop {
        // The port is open before the server is ready, so the response may take a while.
        let health = installation.run(&["health"], "").stdout;
        if String::from_utf8_lossy(&health).contains(&format!("\"bus\":\"{expected}\"")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    is_bus("away").await;
    installation.log_in().await;
    redis.start_again();
    is_bus("ok").await;
}

/// Runs a command that needs no database.
fn otpwire(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otpwire"));
    command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn json_lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn refused(arguments: &[&str], input: &[u8], why: &str) {
    let output = otpwire(arguments, input);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains(why), "{stderr}");
}

#[test]
fn texts_are_read_in_order() {
    let texts = "482913 is your GitHub authentication code.\n\nSee you at eight\r\n【抖音】验证码9316，用于手机验证\n";
    let read = json_lines(&otpwire(&["read-codes"], texts.as_bytes()));
    let codes: Vec<_> = read.iter().map(|line| (&line["type"], &line["code"], &line["service"])).collect();
    let right = [
        (&json!("otp"), &json!("482913"), &json!("GitHub")),
        (&json!("sms"), &Value::Null, &Value::Null),
        (&json!("otp"), &json!("9316"), &json!("抖音")),
    ];
    assert_eq!(codes, right);
    assert!(read[0]["score"].as_f64().unwrap() > 0.9 && read[1]["score"] == json!(0.0), "{read:?}");

    // JSON lines can contain line breaks and senders.
    let texts = concat!(
        r#"{"text": "Your code:\n482913", "sender": "GitHub"}"#,
        "\n",
        r#"{"text": "Tap to verify your number: https://example.com/verify?t=8f3a", "more": 1}"#,
    );
    let read = json_lines(&otpwire(&["read-codes", "-"], texts.as_bytes()));
    assert_eq!((&read[0]["code"], &read[0]["service"]), (&json!("482913"), &json!("GitHub")));
    assert_eq!(read[1]["type"], json!("verification"));

    // A stranger's text gives the terminal no commands, and reads as what it is.
    let text = "Your \u{1b}]0;title\u{7}Fernly \u{9b}2Jcode is \u{202e}482913";
    for arguments in [&["read-codes", "--explain"][..], &["read-codes"]] {
        let printed = String::from_utf8(otpwire(arguments, text.as_bytes()).stdout).unwrap();
        assert!(!printed.contains(['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}']), "{printed:?}");
    }
    let explained = otpwire(&["read-codes", "--explain"], b"Your Fernly code is 482913");
    let explained = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert!(explained.contains("word    code") && explained.contains("number  482913"), "{explained}");
}

#[test]
fn the_error_about_an_unreadable_text_names_its_line() {
    refused(&["read-codes"], b"fine\n\xff\xfe\n", "line 2 is not UTF-8");
    refused(&["read-codes"], b"{\"text\": \"1\"}\n{\"body\": 1}\n", "line 2 is no JSON object with \"text\"");
    let long = format!(r#"{{"text": "1", "sender": "{}"}}"#, "x".repeat(321));
    refused(&["read-codes"], long.as_bytes(), "at most 320 characters");
    refused(&["read-codes", "/nowhere/texts"], b"", "cannot open /nowhere/texts");
    refused(
        &["measure-codes", "-"],
        b"{\"text\": \"1\", \"type\": \"otp\"}",
        "line 1: a text of the type \"otp\" has a \"code\"",
    );
    refused(&["measure-codes", "-"], b"{\"text\": \"1\", \"type\": \"mms\"}", "line 1 is no JSON object");
}

#[test]
fn read_codes_ends_quietly_when_its_output_is_closed() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otpwire"));
    command.arg("read-codes").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    // It may end before it has read all of its input.
    let _ = child.stdin.take().unwrap().write_all("Your code is 482913\n".repeat(20_000).as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn labelled_texts_are_measured() {
    let texts = [
        json!({"text": "Your code is 482913", "type": "otp", "code": "482913", "lang": "en"}),
        json!({"text": "G-482913 is your Google code", "type": "otp", "code": "G482913", "alt": ["482913"], "service": "google"}),
        json!({"text": "Your code is 482913", "type": "otp", "code": "999999", "lang": "en"}),
        json!({"text": "Hello there", "type": "otp", "code": "1234", "lang": "en"}),
        json!({"text": "Your code is 482913", "type": "sms", "lang": "en"}),
        json!({"text": "See you at eight", "type": "sms", "code": null}),
    ];
    let texts: String = texts.iter().map(|text| format!("{text}\n")).collect();
    let output = otpwire(&["measure-codes", "--errors", "-"], texts.as_bytes());
    assert!(output.status.success());
    let output = String::from_utf8_lossy(&output.stdout);
    for part in [
        "WrongCode at line 3: otp 482913 - | Your code is 482913",
        "Missed at line 4: sms - - | Hello there",
        "FalseAlarm at line 5: otp 482913 -",
        "precision             0.5000",
        "recall                0.5000",
        "wrong codes           0.2500  1 of 4",
        "false alarms          0.5000  1 of 2",
        "services              1.0000  1 of 1",
        "  en                  0.3333  1 of 3",
        "time for a text, warm: median",
    ] {
        assert!(output.contains(part), "{part:?} is not in\n{output}");
    }
    assert!(!output.contains("Right at"));
}
