//! The file of the embedded database: it survives a power loss, is served by one process, and damage is reported.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use crate::support::{
    Backend, SECRET, World,
    client::sms,
    program::{Installation, NUMBER, Serving, client, deliver, file_of, post_concurrently},
};

const PAGE: usize = 4096;

async fn set_up() -> (World, Installation) {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    (world, installation)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The providers' ids of the messages in a file.
async fn stored(world: &World) -> Vec<String> {
    world.column("SELECT provider_message_id FROM messages").await
}

/// Serves under load until `enough` messages are acknowledged, and is killed as by a power loss. Returns the ids of all
/// acknowledged messages.
async fn load_and_power_loss(installation: &Installation, serving: Serving, enough: usize) -> HashSet<String> {
    let (stop, acknowledged) = (CancellationToken::new(), Arc::new(Mutex::new(HashSet::new())));
    let storm = post_concurrently(installation.address, stop.clone(), Arc::clone(&acknowledged));
    while acknowledged.lock().unwrap().len() < enough {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    serving.kill();
    stop.cancel();
    storm.await.unwrap()
}

/// Copies the files as they are on the disk, without the -shm file, which is memory shared between processes.
fn copy_as_they_are(from: &World, to: &World) {
    let (from, to) = (file_of(&from.database_url), file_of(&to.database_url));
    fs::copy(from, to).unwrap();
    fs::copy(beside(from, "-wal"), beside(to, "-wal")).unwrap();
}

async fn assert_complete(world: &World, acknowledged: &HashSet<String>) {
    let stored = stored(world).await;
    let distinct: HashSet<String> = stored.iter().cloned().collect();
    assert_eq!(stored.len(), distinct.len(), "something is stored twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert_eq!(world.column("SELECT integrity_check FROM pragma_integrity_check").await, ["ok"]);
    let seqs = world.column("SELECT inbox_seq FROM messages ORDER BY inbox_seq").await;
    assert_eq!(seqs, (1..=stored.len()).map(|seq| seq.to_string()).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_loss_loses_nothing_that_was_acknowledged() {
    let (mut world, mut installation) = set_up().await;
    let mut serving = installation.serve();
    installation.rent().await;
    let mut acknowledged = HashSet::new();
    // Each time on a copy of what the last power loss left.
    for enough in [7, 40, 150] {
        // The load sends the same ids again, which are acknowledged as duplicates.
        acknowledged.extend(load_and_power_loss(&installation, serving, enough).await);
        let next = World::new(Backend::Embedded).await;
        copy_as_they_are(&world, &next);
        (world, installation) = (next, Installation::over("sqlite:"));
        installation = installation.with("OTPWIRE_DATABASE_URL", world.database_url.clone());
        serving = installation.serve();
        installation.post_until_stored(&format!("after {enough}")).await;
        acknowledged.insert(format!("after {enough}"));
        assert_complete(&world, &acknowledged).await;
    }
    serving.stop();
    assert_complete(&world, &acknowledged).await;
}

/// A power loss may leave anything after the last commit that reached the disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_end_of_the_log_loses_nothing_that_was_acknowledged() {
    let (world, installation) = set_up().await;
    let serving = installation.serve();
    installation.rent().await;
    let acknowledged = load_and_power_loss(&installation, serving, 60).await;
    let log = fs::read(beside(file_of(&world.database_url), "-wal")).unwrap();
    let frame = 24 + PAGE;
    let last = &log[log.len() - frame..];
    let torn = |length: usize| last[..length].to_vec();
    let mut garbled = last.to_vec();
    garbled[24..].reverse();
    let ends =
        [vec![0x5a; 100], vec![0; 3 * frame], torn(24), torn(2000), torn(frame), garbled, vec![0xff; 9 * frame + 1]];
    for end in ends {
        let copy = World::new(Backend::Embedded).await;
        copy_as_they_are(&world, &copy);
        let mut changed = log.clone();
        changed.extend(&end);
        fs::write(beside(file_of(&copy.database_url), "-wal"), changed).unwrap();
        let installation = Installation::over(&copy.database_url);
        let serving = installation.serve();
        assert_complete(&copy, &acknowledged).await;
        installation.post_until_stored("after").await;
        serving.stop();
        assert_complete(&copy, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_on_the_same_file_is_refused() {
    let (world, installation) = set_up().await;
    let serving = installation.serve();
    installation.rent().await;
    let file = file_of(&world.database_url);
    let folder = file.parent().unwrap();
    let link = folder.join("link.sqlite");
    std::os::unix::fs::symlink(file, &link).unwrap();
    let around = folder.join("..").join(folder.file_name().unwrap()).join("otpwire.sqlite");
    let who = format!("process {} serves the database {}: stop it first", serving.id(), file.display());
    for path in [file, &link, &around] {
        let second = Installation::over(&format!("sqlite:{}", path.display()));
        for arguments in [&["serve"][..], &["migrate", "down"]] {
            let output = second.fail(arguments, "");
            assert!(output.contains(&who), "{arguments:?}: {output}");
        }
    }
    // The commands that may run beside a server work, and so does the server.
    installation.succeed(&["admin", "create-user", "--email", "another@example.com"], "correct horse battery");
    installation.succeed(&["migrate", "up"], "");
    installation.succeed(&["migrate", "status"], "");
    installation.succeed(&["check-config"], "");
    installation.post_until_stored("1").await;
    // A process that is killed leaves the file of the lock, but not the lock.
    serving.kill();
    assert!(beside(file, ".lock").exists());
    let serving = installation.serve();
    installation.post_until_stored("2").await;
    serving.stop();
    installation.succeed(&["migrate", "down"], "");
    installation.serve().stop();
}

/// A database with content, whose server was stopped gracefully.
async fn with_content() -> (World, Installation) {
    let (world, installation) = set_up().await;
    let serving = installation.serve();
    installation.rent().await;
    let client = client();
    for n in 0..120 {
        let text = format!("{n} {}", "x".repeat(1000));
        let answer = deliver(&client, installation.address, "sandbox", &sms(&n.to_string(), NUMBER, &text)).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
    serving.stop();
    (world, installation)
}

/// The first page of a table or an index.
async fn root_of(world: &World, name: &str) -> usize {
    world.column(&format!("SELECT rootpage FROM sqlite_master WHERE name = '{name}'")).await[0].parse().unwrap()
}

/// What happened to a file, the file, its -wal file, and the expected complaint.
type Damage<'a> = (&'a str, Vec<u8>, Option<&'a [u8]>, &'a str);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_reported_and_not_touched() {
    let (world, _) = with_content().await;
    let whole = fs::read(file_of(&world.database_url)).unwrap();
    let root = root_of(&world, "messages").await;
    assert!(whole.len() > 40 * PAGE);
    // The -wal file of an unrelated database.
    let (other, installation) = set_up().await;
    let serving = installation.serve();
    installation.rent().await;
    load_and_power_loss(&installation, serving, 20).await;
    let foreign = fs::read(beside(file_of(&other.database_url), "-wal")).unwrap();
    // A file that is damaged in a page that its own, intact -wal file does not contain.
    let mut beneath = fs::read(file_of(&other.database_url)).unwrap();
    let root_beneath = root_of(&other, "otp_patterns").await;
    beneath[(root_beneath - 1) * PAGE..root_beneath * PAGE].fill(0xa5);

    let garbled = |from: usize, to: usize| {
        let mut file = whole.clone();
        file[from..to].fill(0xa5);
        file
    };
    let text = b"# Groceries\n\nmilk, eggs\n".repeat(1000);
    let cases: [Damage<'_>; 9] = [
        ("no database at all", text, None, "file is not a database"),
        ("a header that is garbled", garbled(0, 100), None, "file is not a database"),
        ("a page in the middle", garbled((root - 1) * PAGE, root * PAGE), None, "is damaged"),
        ("cut off in a page", whole[..whole.len() - 10_000].to_vec(), None, "malformed"),
        ("cut off at a page", whole[..20 * PAGE].to_vec(), None, "malformed"),
        ("less than a header", whole[..50].to_vec(), None, "malformed"),
        ("the log of another", whole.clone(), Some(&foreign), "is damaged"),
        ("a page beneath its own log", beneath, Some(&foreign), "is damaged"),
        ("empty, with a log", Vec::new(), Some(&foreign), "it is empty, and its -wal file is not"),
    ];
    for (case, file, log, complaint) in cases {
        let world = World::new(Backend::Embedded).await;
        let path = file_of(&world.database_url);
        fs::write(path, &file).unwrap();
        if let Some(log) = log {
            fs::write(beside(path, "-wal"), log).unwrap();
        }
        let output = Installation::over(&world.database_url).fail(&["serve"], "");
        for part in [complaint, "is damaged", &path.display().to_string(), "Restore a backup", ".recover"] {
            assert!(output.contains(part), "{case}: {output}");
        }
        assert!(fs::read(path).unwrap() == file, "{case}: the file was changed");
        let left = fs::read(beside(path, "-wal")).ok().filter(|log| !log.is_empty());
        assert!(left.as_deref() == log, "{case}: the log was changed");
    }
    // These files are in order.
    for log in [None, Some(&[][..])] {
        let world = World::new(Backend::Embedded).await;
        let path = file_of(&world.database_url);
        fs::write(path, &whole).unwrap();
        if let Some(log) = log {
            fs::write(beside(path, "-wal"), log).unwrap();
        }
        Installation::over(&world.database_url).serve().stop();
        assert_eq!(stored(&world).await.len(), 120);
    }
}

/// The other files are those beside the target of a link, not beside the link.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_a_database_is_followed() {
    use std::os::unix::fs::symlink;
    let (world, _) = with_content().await;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::copy(file_of(&world.database_url), at("file")).unwrap();
    for (link, to) in [("link", "other"), ("other", "file"), ("round", "about"), ("about", "round")] {
        symlink(to, at(link)).unwrap();
    }
    let installation = |name: &str| Installation::over(&format!("sqlite:{}", at(name).display()));
    installation("link").serve().stop();
    assert!(installation("round").fail(&["serve"], "").contains("links"));
    fs::write(at("file"), "").unwrap();
    fs::write(at("file-wal"), "what is not in the file yet").unwrap();
    let output = installation("link").fail(&["serve"], "");
    assert!(output.contains("it is empty, and its -wal file is not") && output.contains("file-wal"), "{output}");
    assert!(fs::metadata(at("file-wal")).unwrap().len() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_that_is_found_while_serving_is_reported() {
    let (world, installation) = with_content().await;
    let path = file_of(&world.database_url);
    let root = root_of(&world, "messages").await;
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    let token = installation.log_in().await;
    assert_eq!(installation.readiness().await.0, 200);
    let mut file = fs::read(path).unwrap();
    file[(root - 1) * PAGE..root * PAGE].fill(0xa5);
    fs::write(path, &file).unwrap();
    let address = installation.address;
    let list = || client().get(format!("http://{address}/v1/messages")).bearer_auth(&token).send();
    let answer = list().await.unwrap();
    assert_eq!(answer.status(), 503);
    let answer = answer.text().await.unwrap();
    assert!(!answer.contains("malformed") && !answer.contains("corrupt"), "clients need not know: {answer}");
    let answer = deliver(&client(), address, "sandbox", &sms("1000", NUMBER, "x")).await.unwrap();
    assert_eq!(answer.status(), 503);
    let (status, body) = installation.readiness().await;
    assert_eq!((status, &body["details"]["store"]), (503, &"corrupt".into()), "{body}");
    assert!(log.count(&["reason=\"corrupt\"", "malformed"]) >= 1, "{}", log.text());
    drop(serving);
    // The file is never recreated, and its content stays.
    assert!(fs::read(path).unwrap()[(root - 1) * PAGE..root * PAGE].iter().all(|byte| *byte == 0xa5));
    assert!(installation.fail(&["serve"], "").contains("is damaged"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_missing_or_of_another_database_is_reported() {
    let world = World::new(Backend::Embedded).await;
    let path = file_of(&world.database_url);
    let key = beside(path, ".key");
    let installation = Installation::over(&world.database_url).without("OTPWIRE_SECRET_KEY");
    installation.populate();
    installation.serve().stop();
    let right = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    for arguments in [&["serve"][..], &["admin", "reseal-secrets"]] {
        let output = installation.fail(arguments, "");
        assert!(output.contains(&format!("the key file {} is missing", key.display())), "{output}");
        assert!(!key.exists(), "a new one would hide that the old one is gone");
    }
    fs::write(&key, "ODEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n").unwrap();
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    installation.wait_until_store_is("ok").await;
    assert_eq!(
        log.count(&["the secret key does not open the secrets of these providers", "sandbox"]),
        1,
        "{}",
        log.text()
    );
    assert!(!log.text().contains(SECRET));
    serving.stop();
    fs::write(&key, right).unwrap();
    let (serving, log) = installation.serve_with_log(installation.command(&["serve"]));
    installation.rent().await;
    installation.post_until_stored("1").await;
    assert_eq!(log.text(), "");
    serving.stop();
}
