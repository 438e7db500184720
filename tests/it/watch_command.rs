//! `otpwire watch`: codes in the terminal, in order, none twice and none missed.

use std::{
    io::{BufRead, BufReader},
    process::{ChildStdout, Stdio},
};

use serde_json::Value;

use crate::support::{
    World,
    client::sms,
    on_both,
    program::{Installation, NUMBER, Serving, client, deliver},
};

/// A running `otpwire watch`.
struct Watching {
    process: Serving,
    output: BufReader<ChildStdout>,
}

impl Watching {
    /// Starts it, and returns when it watches.
    fn start(installation: &Installation, key: &str, arguments: &[&str]) -> Self {
        let url = format!("http://{}", installation.address);
        let mut command = installation.command(&[&["watch", "--url", &url], arguments].concat());
        command.env("OTPWIRE_API_KEY", key).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Serving(command.spawn().unwrap());
        let mut errors = BufReader::new(process.0.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        assert_eq!(line, format!("watching {url}; Ctrl-C ends\n"));
        // Whatever else it says must not fill the pipe.
        std::thread::spawn(move || errors.lines().map_while(Result::ok).for_each(drop));
        let output = BufReader::new(process.0.stdout.take().unwrap());
        Self { process, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Ends it as Ctrl-C does.
    fn interrupt(mut self) {
        self.process.signal("-INT");
        assert_eq!(self.process.0.wait().unwrap().code(), Some(0));
        assert_eq!(self.line(), "", "it printed more than it should have");
    }
}

/// A platform with a renter who has a number, and a key for their messages.
async fn set_up(world: &World) -> (Installation, Serving, String) {
    let installation = Installation::new(world).await;
    installation.populate();
    let serving = installation.serve();
    installation.rent().await;
    let create = ["admin", "create-api-key", "renter@example.com", "--name", "watch", "--scopes", "messages:read"];
    let key = installation.succeed(&create, "").trim().to_owned();
    (installation, serving, key)
}

on_both! {
    async fn messages_are_shown_as_they_arrive(world: World) {
        let (installation, _serving, key) = set_up(&world).await;
        let mut people = Watching::start(&installation, &key, &[]);
        let mut github = Watching::start(&installation, &key, &["--service", "github", "--output", "json"]);
        let mut other = Watching::start(&installation, &key, &["--number", "+442079460958"]);
        let http = client();
        let texts = ["482913 is your GitHub authentication code.", "Hello\u{1b}[2J\nthere", "739164 is your GitHub authentication code."];
        for (id, text) in texts.iter().enumerate() {
            let posted = deliver(&http, installation.address, "sandbox", &sms(&id.to_string(), NUMBER, text)).await;
            assert_eq!(posted.unwrap().status(), 200);
        }
        let line = people.line();
        for part in ["  482913  ", "GitHub", NUMBER, "GOOGLE", "is your GitHub authentication code."] {
            assert!(line.contains(part), "{line}");
        }
        let line = people.line();
        assert!(line.contains("  -  ") && line.contains("Hello") && line.ends_with("there\n"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
        assert!(people.line().contains("739164"));
        for code in ["482913", "739164"] {
            let received: Value = serde_json::from_str(&github.line()).unwrap();
            assert_eq!((&received["message"]["otp"]["code"], &received["message"]["phone_number"]), (&code.into(), &NUMBER.into()));
            assert!(received["cursor"].is_string());
        }
        people.interrupt();
        github.interrupt();
        other.process.signal("-INT");
        assert_eq!(other.line(), "", "a message to another number was shown");
    }

    async fn nothing_is_missed_while_the_server_is_away(world: World) {
        let (installation, serving, key) = set_up(&world).await;
        let mut watching = Watching::start(&installation, &key, &["--output", "json"]);
        let mut serving = Some(serving);
        let mut sent = 0;
        let mut cursor = Value::Null;
        for _ in 0..3 {
            for _ in 0..5 {
                installation.post_until_stored(&sent.to_string()).await;
                sent += 1;
            }
            // The server dies, and messages arrive before the watcher is back.
            serving.take().unwrap().kill();
            serving = Some(installation.serve());
            for _ in 0..5 {
                installation.post_until_stored(&sent.to_string()).await;
                sent += 1;
            }
            for expected in sent - 10..sent {
                let received: Value = serde_json::from_str(&watching.line()).unwrap();
                assert_eq!(received["message"]["message_content"], expected.to_string());
                if expected == 3 {
                    cursor = received["cursor"].clone();
                }
            }
        }
        watching.interrupt();
        // From a cursor on.
        let mut again = Watching::start(&installation, &key, &["--output", "json", "--after", cursor.as_str().unwrap()]);
        let received: Value = serde_json::from_str(&again.line()).unwrap();
        assert_eq!(received["message"]["message_content"], "4");
        // A key that is revoked ends it.
        installation.succeed(&["admin", "revoke-api-key", "1"], "");
        assert_eq!(again.process.0.wait().unwrap().code(), Some(1));
    }
}

#[test]
fn watching_fails_where_it_cannot_begin() {
    let installation = Installation::over("sqlite:");
    let url = format!("http://{}", installation.address);
    let run = |arguments: &[&str], input: &str| installation.run(&[&["watch"], arguments].concat(), input);
    let refused = run(&["--url", &url], "otpk_x\n");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && text.contains(&format!("no answer from {url}")), "{text}");
    assert_eq!(run(&["--url", "nowhere"], "").status.code(), Some(2));
    assert_eq!(run(&["--number", "x"], "").status.code(), Some(2));
}
