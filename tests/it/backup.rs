//! `otpwire backup`: a copy of a database that is in use, which can be served.

use std::{
    collections::HashSet,
    fs,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
};

use tokio_util::sync::CancellationToken;

use crate::support::{
    Backend, World,
    program::{Installation, post_concurrently},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_can_be_served() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let serving = installation.serve();
    let token = installation.rent().await;
    let (stop, acknowledged) = (CancellationToken::new(), Arc::new(Mutex::new(HashSet::new())));
    let storm = post_concurrently(installation.address, stop.clone(), Arc::clone(&acknowledged));
    let folder = tempfile::tempdir().unwrap();
    let mut copies = Vec::new();
    for n in 1..=3 {
        while acknowledged.lock().unwrap().len() < n * 40 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        let before = acknowledged.lock().unwrap().clone();
        let target = folder.path().join(format!("100% copy {n}?.sqlite"));
        let told = installation.succeed(&["backup", target.to_str().unwrap()], "");
        assert!(told.contains(", checked\n") && told.contains(" messages\n"), "{told}");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        copies.push((target, before));
    }
    stop.cancel();
    storm.await.unwrap();
    assert!(installation.count_messages(&token).await > 0);
    serving.stop();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "something unfinished was left");
    // Restored, it has what was acknowledged when it was made, and takes more.
    for (target, before) in copies {
        let restored = World::new(Backend::Embedded).await;
        let file = crate::support::program::file_of(&restored.database_url);
        fs::copy(&target, file).unwrap();
        let installation = Installation::over(&restored.database_url);
        let serving = installation.serve();
        let token = installation.log_in().await;
        let stored: HashSet<String> =
            restored.column("SELECT provider_message_id FROM messages").await.into_iter().collect();
        let lost: Vec<_> = before.difference(&stored).collect();
        assert!(lost.is_empty(), "acknowledged before the backup, and not in it: {lost:?}");
        let count = installation.count_messages(&token).await;
        assert_eq!(count, stored.len() as u64);
        installation.post_until_stored("after").await;
        assert_eq!(installation.count_messages(&token).await, count + 1);
        serving.stop();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_overwrites_nothing_and_leaves_nothing() {
    let world = World::new(Backend::Embedded).await;
    let installation = Installation::new(&world).await;
    installation.populate();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("copy.sqlite");
    let name = target.to_str().unwrap();
    fs::write(&target, "something else").unwrap();
    let refused = installation.fail(&["backup", name], "");
    assert!(refused.contains("it is not overwritten"), "{refused}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "something else");
    let nowhere = folder.path().join("no-such-folder/copy.sqlite");
    let refused = installation.fail(&["backup", nowhere.to_str().unwrap()], "");
    assert!(refused.contains("cannot make") && refused.contains("no-such-folder"), "{refused}");
    // The copy is what is checked: a damaged database has no backup.
    let file = crate::support::program::file_of(&world.database_url);
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    fs::write(file, bytes).unwrap();
    let other = folder.path().join("other.sqlite");
    installation.fail(&["backup", other.to_str().unwrap()], "");
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["copy.sqlite"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgresql_is_another_programs() {
    let world = World::new(Backend::Cluster).await;
    let refused = Installation::new(&world).await.fail(&["backup", "/dev/null/x"], "");
    assert!(refused.contains("pg_dump --enable-row-security"), "{refused}");
}
