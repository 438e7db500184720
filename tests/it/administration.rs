//! `otpwire admin` as operators and their scripts use it: what it lists, shows and changes, and how it fails.

use std::{fs, process::Output};

use serde_json::{Value, json};

use crate::support::{
    SECRET, World,
    client::sms,
    on_both,
    program::{Installation, NUMBER, PASSWORD, client, deliver},
};

/// A secret that would be found wherever it was printed.
const NEW_SECRET: &str = "Canary-secret-9f27c1d05b6e";

impl Installation {
    /// The JSON that a command of `otpwire admin` prints.
    #[track_caller]
    fn admin_json(&self, arguments: &[&str]) -> Value {
        let text = self.succeed(&[&["admin", "--output", "json"], arguments].concat(), "");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}"))
    }

    /// The table that a command of `otpwire admin` prints.
    #[track_caller]
    fn admin_table(&self, arguments: &[&str]) -> String {
        self.succeed(&[&["admin"], arguments].concat(), "")
    }

    fn admin_run(&self, arguments: &[&str], input: &str) -> Output {
        self.run(&[&["admin"], arguments].concat(), input)
    }
}

/// One member of every object of a list.
fn all(list: &Value, member: &str) -> Vec<String> {
    let objects = list.as_array().unwrap().iter();
    objects.map(|object| object[member].as_str().map_or_else(|| object[member].to_string(), str::to_owned)).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits until a request with this credential is answered with a status: other processes notice changes within seconds.
async fn until_status(installation: &Installation, token: &str, path: &str, status: u16) {
    let url = format!("http://{}{path}", installation.address);
    let answered = async {
        loop {
            let answer = client().get(&url).bearer_auth(token).send().await.unwrap();
            if answer.status() == status {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), answered).await.expect("the status does not come");
}

on_both! {
    async fn users_are_listed_shown_and_changed(world: World) {
        let installation = Installation::new(&world).await;
        for (email, role) in [("ada@example.com", "admin"), ("bob@example.com", "user"), ("cem@example.org", "user")] {
            installation.succeed(&["admin", "create-user", "--email", email, "--role", role], PASSWORD);
        }
        let users = installation.admin_json(&["list-users"]);
        assert_eq!(all(&users, "email"), ["ada@example.com", "bob@example.com", "cem@example.org"]);
        assert_eq!(
            (&users[1]["id"], &users[1]["role"], &users[1]["plan"], &users[1]["is_active"], &users[1]["email_verified"]),
            (&json!(2), &json!("user"), &json!("free"), &json!(true), &json!(true))
        );
        // The names are those of the REST API.
        let replica = world.replica().await;
        let bob = replica.log_in("bob@example.com").await;
        let profile = replica.rest(Some(&bob.token), "GET /v1/users/me", None).await.json();
        let shown = installation.admin_json(&["show-user", "BOB@example.com"]);
        for (name, value) in profile.as_object().unwrap().iter().filter(|(name, _)| *name != "last_login") {
            assert_eq!(&shown[name], value, "{name}");
        }
        assert_eq!(installation.admin_json(&["show-user", "usr_2"])["email"], "bob@example.com");
        // Filters, and how many.
        let emails = |arguments: &[&str]| all(&installation.admin_json(&[&["list-users"], arguments].concat()), "email");
        assert_eq!(emails(&["--email", "EXAMPLE.com"]), ["ada@example.com", "bob@example.com"]);
        assert_eq!(emails(&["--role", "admin"]), ["ada@example.com"]);
        assert_eq!(emails(&["--first", "2"]), ["ada@example.com", "bob@example.com"]);
        assert_eq!(emails(&["--active", "false"]), Vec::<String>::new());
        let updated = installation.admin_json(&["update-user", "--email", "cem@example.org", "--active", "false"]);
        assert_eq!(updated["is_active"], false);
        assert_eq!(emails(&["--active", "false"]), ["cem@example.org"]);
        // For people: a table.
        let table = installation.admin_table(&["list-users"]);
        let lines: Vec<_> = table.lines().collect();
        assert!(lines.len() == 4 && lines[0].starts_with("ID  EMAIL"), "{table}");
        assert!(lines[3].starts_with("3   cem@example.org") && lines[3].contains("no"), "{table}");
        let shown = installation.admin_table(&["show-user", "3"]);
        assert!(shown.contains("is_active") && shown.contains("cem@example.org"), "{shown}");
    }

    async fn long_lists_are_listed_to_their_end(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let numbers: String = (0..250).map(|n| format!("+1415555{n:04}\n")).collect();
        let imported = installation.succeed(&["admin", "import-numbers", "--provider", "sandbox", "-"], &numbers);
        assert_eq!(imported, "added 249, known already 1, wrong 0\n");
        let listed = installation.admin_json(&["list-numbers"]);
        let mut found = all(&listed, "phone_number");
        found.sort();
        found.dedup();
        assert_eq!(found.len(), 250);
        assert_eq!(installation.admin_table(&["list-numbers", "--first", "130"]).lines().count(), 131);
    }

    async fn errors_have_exit_codes(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        for (arguments, code, part) in [
            (&["show-user", "nobody@example.com"][..], 3, "user not found"),
            (&["show-user", "usr_99"], 3, "user not found"),
            (&["show-user", "nobody"], 1, "must be an e-mail address, or an id such as usr_3"),
            (&["show-provider", "nowhere"], 3, "there is no provider named `nowhere`"),
            (&["disable-provider", "nowhere"], 3, "there is no provider named `nowhere`"),
            (&["show-number", "+442079460958"], 3, "phone number not found"),
            (&["show-number", "num_99"], 3, "phone number not found"),
            (&["show-number", "x"], 1, "must be a number in E.164"),
            (&["block-number", "+442079460958"], 3, "phone number not found"),
            (&["show-report", "rpt_99"], 3, "delivery report not found"),
            (&["show-report", "msg_1"], 1, "must be the id of a delivery report"),
            (&["revoke-api-key", "key_99"], 3, "API key not found"),
            (&["update-provider", "sandbox"], 1, "there is nothing to change"),
            (&["export-numbers", "--output", "json"], 1, "list-numbers --output json"),
            (&["list-users", "--first", "0"], 2, "--first"),
            (&["list-users", "--role", "king"], 2, "`king` is not a role"),
            (&["list-numbers", "--status", "lost"], 2, "must be one of available, assigned, expired, blocked"),
            (&["list-reports", "--since", "yesterday"], 2, "--since"),
            (&["list-users", "--output", "xml"], 2, "table, json"),
        ] {
            let output = installation.admin_run(arguments, "");
            let text = stderr(&output);
            assert_eq!((output.status.code(), text.contains(part)), (Some(code), true), "{arguments:?}: {text}");
            assert!(output.stdout.is_empty(), "{arguments:?}: what fails prints to standard error");
        }
    }

    async fn a_password_is_reset(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let _serving = installation.serve();
        let token = installation.log_in().await;
        let create = ["admin", "create-api-key", "renter@example.com", "--name", "ci", "--scopes", "messages:read"];
        let key = installation.succeed(&create, "").trim().to_owned();
        let new = "staple battery correct";
        let refused = installation.admin_run(&["reset-password", "renter@example.com"], "password");
        assert_eq!(refused.status.code(), Some(1));
        let done = installation.succeed(&["admin", "reset-password", "renter@example.com", "--keep-api-keys"], new);
        assert_eq!(done, "usr_1 renter@example.com has the new password; their sessions have ended\n");
        until_status(&installation, &token, "/v1/users/me", 401).await;
        until_status(&installation, &key, "/v1/messages", 200).await;
        let log_in = |password: &str| {
            format!(r#"mutation {{ logIn(input: {{ email: "renter@example.com", password: "{password}" }}) {{ accessToken }} }}"#)
        };
        let wrong = installation.try_graphql(None, &log_in(PASSWORD)).await;
        assert_eq!(wrong["errors"][0]["extensions"]["code"], "INVALID_CREDENTIALS");
        installation.graphql(None, &log_in(new)).await;
        installation.succeed(&["admin", "reset-password", "usr_1"], "another battery staple");
        until_status(&installation, &key, "/v1/messages", 401).await;
        let log = world.column("SELECT details FROM audit_log WHERE action = 'password_changed' ORDER BY id").await;
        assert!(log.len() == 2 && log.iter().all(|details| details.contains("operator")), "{log:?}");
    }

    async fn api_keys_are_listed_and_revoked(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        installation.succeed(&["admin", "create-user", "--email", "other@example.com"], PASSWORD);
        let _serving = installation.serve();
        let create = |email: &str| installation.admin_json(&["create-api-key", email, "--name", "ci", "--scopes", "messages:read"]);
        let (first, second) = (create("renter@example.com"), create("other@example.com"));
        let key = second["key"].as_str().unwrap();
        assert!(key.starts_with("otpk_") && second["api_key"]["user"] == "other@example.com", "{second}");
        let listed = installation.admin_json(&["list-api-keys"]);
        assert_eq!(all(&listed, "id"), ["2", "1"]);
        assert_eq!((&listed[0]["prefix"], &listed[0]["scopes"]), (&json!(key[..11]), &json!(["messages:read"])));
        assert!(!listed.to_string().contains(&key[11..]), "a key is printed");
        assert_eq!(all(&installation.admin_json(&["list-api-keys", "--user", "renter@example.com"]), "id"), ["1"]);
        // Somebody has found a key, whole or in part.
        for part in [key, &key[..11], &key[..9]] {
            assert_eq!(all(&installation.admin_json(&["list-api-keys", "--prefix", part]), "id"), ["2"]);
        }
        until_status(&installation, key, "/v1/messages", 200).await;
        let revoked = installation.admin_table(&["revoke-api-key", "key_2"]);
        assert_eq!(revoked, format!("revoked key_2 {}… of other@example.com (ci)\n", &key[..11]));
        until_status(&installation, key, "/v1/messages", 401).await;
        until_status(&installation, first["key"].as_str().unwrap(), "/v1/messages", 200).await;
        assert_eq!(world.column("SELECT target FROM audit_log WHERE action = 'api_key_revoked'").await, ["key_2"]);
    }

    async fn providers_are_disabled_and_their_secrets_rotated(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let _serving = installation.serve();
        let http = client();
        let post = async |id: &str| {
            let answer = deliver(&http, installation.address, "sandbox", &sms(id, NUMBER, "code 482913")).await.unwrap();
            answer.status().as_u16()
        };
        let until_refused = async |id: &str| {
            let refused = async {
                while post(id).await == 200 {
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(60), refused).await.expect("webhooks are still taken");
        };
        assert_eq!(post("1").await, 200);
        let providers = installation.admin_json(&["list-providers"]);
        assert_eq!(all(&providers, "name"), ["sandbox"]);
        assert_eq!((&providers[0]["is_active"], &providers[0]["kind"]), (&json!(true), &json!("sandbox")));
        assert!(providers[0]["webhook_url"].as_str().unwrap().ends_with("/v1/webhooks/sms?provider=sandbox"));
        assert_eq!(installation.admin_table(&["disable-provider", "sandbox"]), "prv_1 sandbox is disabled\n");
        until_refused("2").await;
        assert_eq!(installation.admin_json(&["show-provider", "sandbox"])["is_active"], false);
        assert_eq!(installation.admin_json(&["enable-provider", "sandbox"])["is_active"], true);
        installation.post_until_stored("3").await;
        // The secret before is good until the new one is used, unless that is ended.
        let rotated = installation.succeed(&["admin", "rotate-provider-secret", "sandbox"], NEW_SECRET);
        assert!(rotated.contains("until a webhook comes with the new one") && !rotated.contains(NEW_SECRET), "{rotated}");
        assert_eq!(post("4").await, 200);
        let ended = ["admin", "rotate-provider-secret", "sandbox", "--end-previous"];
        let ended = installation.succeed(&ended, NEW_SECRET);
        assert!(ended.contains("good no longer"), "{ended}");
        until_refused("5").await;
        let changed = installation.admin_json(&["update-provider", "sandbox", "--priority", "7"]);
        assert_eq!((&changed["priority"], &changed["rate_limit_per_minute"]), (&json!(7), &json!(60_000)));
        for output in ["table", "json"] {
            for command in [&["list-providers"][..], &["show-provider", "sandbox"]] {
                let text = installation.admin_table(&[command, &["--output", output]].concat());
                assert!(!text.contains(NEW_SECRET) && !text.contains(SECRET), "{text}");
            }
        }
        let actors = world.column("SELECT actor_id FROM audit_log WHERE action = 'provider_updated'").await;
        assert_eq!(actors, vec!["NULL"; 5]);
    }

    async fn numbers_are_exported_and_imported(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let file = "phone_number,country_code,provider,status\n+442079460958,GB,sandbox,available\n81234,US,sandbox,blocked\n";
        // A dry run says what would be done, and does nothing.
        let dry = installation.succeed(&["admin", "import-numbers", "--dry-run", "-"], file);
        assert_eq!(dry, "would add 2, known already 0, wrong 0; nothing was changed\n");
        assert_eq!(world.column("SELECT count(*) FROM phone_numbers").await, ["1"]);
        let done = installation.run(&["admin", "import-numbers", "-"], file);
        assert_eq!(String::from_utf8_lossy(&done.stdout), "added 2, known already 0, wrong 0\n");
        assert_eq!(stderr(&done), "", "there is no progress where there is no terminal");
        let exported = installation.admin_table(&["export-numbers"]);
        assert_eq!(
            exported,
            "phone_number,country_code,provider,status\n+14155550100,US,sandbox,available\n\
             +442079460958,GB,sandbox,available\n81234,US,sandbox,blocked\n"
        );
        // What is written can be read: another platform has the same numbers.
        let other = World::new(world.backend).await;
        let copy = Installation::new(&other).await;
        copy.succeed(&["migrate", "up"], "");
        copy.succeed(&["admin", "add-provider", "--kind", "sandbox", "--name", "sandbox"], SECRET);
        assert_eq!(copy.succeed(&["admin", "import-numbers", "-"], &exported), "added 3, known already 0, wrong 0\n");
        assert_eq!(copy.admin_table(&["export-numbers"]), exported);
        assert_eq!(copy.succeed(&["admin", "import-numbers", "-"], &exported), "added 0, known already 3, wrong 0\n");
        // Only some.
        let blocked = copy.admin_table(&["export-numbers", "--status", "blocked"]);
        assert_eq!(blocked, "phone_number,country_code,provider,status\n81234,US,sandbox,blocked\n");
        assert_eq!(copy.admin_table(&["export-numbers", "--country", "GB"]).lines().count(), 2);
    }

    async fn wrong_lines_of_an_import_are_named(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let file = "phone_number,provider,status\n\n+442079460958,sandbox,\n+442079460958,sandbox,\nnonsense,sandbox,\n\
                    +442079460959,nowhere,\n+442079460960,,\n+442079460961,sandbox,lost\n+442079460962,sandbox,,x\n";
        let issues = [
            (5, "country_code: is needed for a number without +"),
            (6, "provider: there is none named `nowhere`"),
            (7, "provider: is missing"),
            (8, "status: must be one of available, assigned, expired, blocked"),
            (9, "there are 4 columns"),
        ];
        for dry_run in [true, false] {
            let mut arguments = vec!["import-numbers", "-", "--output", "json"];
            arguments.extend(dry_run.then_some("--dry-run"));
            let output = installation.admin_run(&arguments, file);
            assert_eq!(output.status.code(), Some(1));
            let tally: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(
                (&tally["added"], &tally["known"], &tally["wrong"], &tally["dry_run"]),
                (&json!(1), &json!(1), &json!(5), &json!(dry_run))
            );
            let mut errors = tally["errors"].as_array().unwrap().clone();
            errors.sort_by_key(|error| error["line"].as_u64());
            for (error, (line, issue)) in errors.iter().zip(issues) {
                assert!(error["line"] == line && error["issue"].as_str().unwrap().starts_with(issue), "{error}");
                assert!(stderr(&output).contains(&format!("line {line}: {issue}")), "{}", stderr(&output));
            }
            let expected = if dry_run { "1" } else { "2" };
            assert_eq!(world.column("SELECT count(*) FROM phone_numbers").await, [expected]);
        }
        let unknown = installation.admin_run(&["import-numbers", "-"], "phone_number,colour\n+442079460963,red\n");
        assert!(stderr(&unknown).contains("there is no column `colour`"), "{}", stderr(&unknown));
    }

    async fn numbers_are_shown_and_blocked(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let serving = installation.serve();
        installation.rent().await;
        let rented = installation.admin_json(&["show-number", NUMBER]);
        assert_eq!(
            (&rented["phone_number"], &rented["status"], &rented["user"], &rented["provider"], &rented["granted"]),
            (&json!(NUMBER), &json!("assigned"), &json!("renter@example.com"), &json!("sandbox"), &Value::Null),
            "`granted` is there only where it is true, as in REST"
        );
        assert!(rented["expires_at"].is_string());
        assert_eq!(installation.admin_json(&["list-numbers", "--status", "assigned"])[0], rented);
        assert_eq!(installation.admin_json(&["list-numbers", "--status", "available"]), json!([]));
        assert_eq!(installation.admin_table(&["block-number", NUMBER]), format!("num_1 {NUMBER} is blocked\n"));
        let blocked = installation.admin_json(&["show-number", "num_1"]);
        assert_eq!((&blocked["status"], &blocked["user"]), (&json!("blocked"), &Value::Null));
        assert_eq!(installation.admin_table(&["unblock-number", "num_1"]), format!("num_1 {NUMBER} is back in use\n"));
        serving.stop();
    }

    async fn pools_are_listed(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let serving = installation.serve();
        let token = installation.rent().await;
        let url = format!("http://{}/v1/pools", installation.address);
        let body = json!({ "name": "ci", "rule": { "country_code": "US" }, "cooldown_seconds": 5 });
        let request = client().post(url).bearer_auth(&token).header("content-type", "application/json");
        assert_eq!(request.body(body.to_string()).send().await.unwrap().status(), 201);
        let pools = installation.admin_json(&["list-pools", "renter@example.com"]);
        assert_eq!(
            pools,
            json!([{ "id": 1, "name": "ci", "cooldown_seconds": 5, "rule": { "country_code": "US" }, "phone_number_ids": [],
                     "granted_phone_number_ids": [], "numbers": 1, "leased": 0, "waiting": 0 }])
        );
        assert_eq!(installation.admin_table(&["list-pools", "1"]).lines().count(), 2);
        serving.stop();
    }

    async fn pools_are_made_changed_and_deleted(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let serving = installation.serve();
        installation.rent().await;
        serving.stop();
        let user = "renter@example.com";
        let made = ["create-pool", user, "--name", "ci", "--country", "us", "--cooldown-seconds", "5", "--numbers", NUMBER];
        assert_eq!(installation.admin_table(&made), format!("made pol_1 ci of {user}\n"));
        assert_eq!(
            installation.admin_json(&["list-pools", user])[0],
            json!({ "id": 1, "name": "ci", "cooldown_seconds": 5, "rule": { "country_code": "US" }, "phone_number_ids": [1],
                    "granted_phone_number_ids": [], "numbers": 1, "leased": 0, "waiting": 0 })
        );
        let changed = installation.admin_json(&["update-pool", user, "ci", "--name", "web", "--no-rule", "--numbers", ""]);
        let shown = (&changed["name"], changed.get("rule"), &changed["phone_number_ids"], &changed["cooldown_seconds"]);
        assert_eq!(shown, (&json!("web"), None, &json!([]), &json!(5)));
        let changed = installation.admin_json(&["update-pool", user, "pol_1", "--all"]);
        assert_eq!((&changed["rule"], &changed["numbers"]), (&json!({}), &json!(1)));
        let granted = installation.admin_json(&["grant-number", NUMBER, "--user", user, "--pool", "web"]);
        assert_eq!((&granted["granted"], &granted["user"]), (&json!(true), &json!(user)));
        assert_eq!(installation.admin_json(&["list-pools", "1"])[0]["granted_phone_number_ids"], json!([1]));
        assert_eq!(installation.admin_table(&["end-number-grant", "num_1"]), format!("num_1 {NUMBER} is held for nobody\n"));
        for (refused, why) in [
            (vec!["end-number-grant", "num_1"], "not granted"),
            (vec!["create-pool", user, "--name", "web"], "name"),
            (vec!["create-pool", user, "--name", "x", "--cooldown-seconds", "3601"], "3600"),
            (vec!["create-pool", user, "--name", "x", "--numbers", "num_2"], "not found"),
            (vec!["create-pool", user, "--name", "x", "--all", "--country", "US"], "--all"),
            (vec!["update-pool", user, "ci", "--all"], "pool not found"),
            (vec!["delete-pool", "nobody@example.com", "web"], "user not found"),
        ] {
            let output = installation.admin_run(&refused, "");
            assert!(!output.status.success() && stderr(&output).contains(why), "{refused:?} {}", stderr(&output));
        }
        assert_eq!(installation.admin_table(&["delete-pool", user, "web"]), format!("deleted pol_1 web of {user}\n"));
        assert_eq!(installation.admin_json(&["list-pools", user]), json!([]));
        let actions = "SELECT action FROM audit_log WHERE action LIKE 'number_grant%' ORDER BY id";
        assert_eq!(world.column(actions).await, ["number_granted", "number_grant_ended"]);
    }

    async fn delivery_reports_are_listed_without_texts(world: World) {
        let installation = Installation::new(&world).await;
        installation.populate();
        let serving = installation.serve();
        installation.rent().await;
        let http = client();
        let text = "Your canary code is 739164";
        for (id, to) in [("a", NUMBER), ("a", NUMBER), ("b", "+14155550199")] {
            deliver(&http, installation.address, "sandbox", &sms(id, to, text)).await.unwrap();
        }
        let reports = installation.admin_json(&["list-reports"]);
        assert_eq!(all(&reports, "status"), ["unroutable", "duplicate", "received"]);
        assert_eq!(
            (&reports[0]["phone_number"], &reports[0]["reason"], &reports[0]["provider"]),
            (&json!("+14155550199"), &json!("unknown_number"), &json!("sandbox"))
        );
        let statuses = |arguments: &[&str]| all(&installation.admin_json(&[&["list-reports"], arguments].concat()), "status");
        assert_eq!(statuses(&["--status", "duplicate"]), ["duplicate"]);
        assert_eq!(statuses(&["--number", "+14155550199"]), ["unroutable"]);
        assert_eq!(statuses(&["--provider", "sandbox", "--first", "1"]), ["unroutable"]);
        assert_eq!(statuses(&["--reason", "unknown_number"]), ["unroutable"]);
        assert_eq!(statuses(&["--provider-message-id", "a"]), ["duplicate", "received"]);
        assert_eq!(statuses(&["--until", "2020-01-01T00:00:00Z"]), Vec::<String>::new());
        // What is in somebody's inbox is theirs alone.
        for output in ["table", "json"] {
            let mut printed = installation.admin_table(&["list-reports", "--output", output]);
            for report in reports.as_array().unwrap() {
                let id = format!("rpt_{}", report["id"]);
                printed.push_str(&installation.admin_table(&["show-report", &id, "--output", output]));
            }
            assert!(!printed.contains("739164") && !printed.contains("canary"), "{printed}");
        }
        serving.stop();
    }
}

#[test]
fn manuals_and_completions_know_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let installation = Installation::over("sqlite:");
    let pages = folder.path().join("man");
    installation.succeed(&["man", pages.to_str().unwrap()], "");
    let page = |name: &str| fs::read_to_string(pages.join(name)).unwrap();
    assert!(page("otpwire.1").contains("otpwire\\-admin"), "{}", page("otpwire.1"));
    assert!(page("otpwire-admin-import-numbers.1").contains("dry\\-run"));
    for shell in ["bash", "zsh", "fish"] {
        let script = installation.succeed(&["completions", shell], "");
        assert!(script.contains("rotate-provider-secret") && script.contains("dry-run"), "{shell}: {script}");
    }
    assert_eq!(installation.run(&["completions", "tcl"], "").status.code(), Some(2));
}
