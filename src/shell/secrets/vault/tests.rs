use super::*;
use crate::shell::secrets::Signs;
use std::fs;

fn fresh(name: &str, value: &str) -> Fresh {
    Fresh { name: name.to_owned(), value: value.to_owned(), expires_ms: Some(7) }
}

fn vault(folder: &Path, sources: &[(&str, &str)]) -> Arc<Vault> {
    let sources = sources.iter().map(|(name, source)| ((*name).to_owned(), (*source).to_owned()));
    Arc::new(Vault::new(folder, "shop", sources.collect()))
}

fn value(loaded: &Loaded, name: &str) -> Option<String> {
    loaded.secrets.fill(&format!("{{{{secret:{name}}}}}"), &Signs::default()).ok()
}

/// Always set while tests run.
const VARIABLE: &str = "env:CARGO_PKG_NAME";

#[test]
fn a_refreshed_variable_is_overridden_and_a_file_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("refresh"), "old\n").unwrap();
    let vault = vault(folder.path(), &[("access", VARIABLE), ("refresh", "file:refresh")]);
    assert_eq!(value(&vault.load().unwrap(), "access").as_deref(), Some("stocksync"));

    let refresh = vault.try_refresh().unwrap().unwrap();
    let saved =
        refresh.save(&[fresh("access", "a1"), fresh("refresh", "r1"), fresh("session", "s1")]).unwrap();
    for loaded in [saved, vault.load().unwrap()] {
        for (name, expected) in [("access", "a1"), ("refresh", "r1"), ("session", "s1")] {
            assert_eq!(value(&loaded, name).as_deref(), Some(expected));
            assert_eq!(loaded.expires.get(name), Some(&7));
        }
    }
    assert_eq!(fs::read_to_string(folder.path().join("refresh")).unwrap(), "r1\n");
    let kept = fs::read_to_string(folder.path().join(".stocksync/secrets/shop.json")).unwrap();
    assert!(kept.contains("a1") && !kept.contains("r1") && !kept.contains("stocksync"), "{kept}");
    // Old and new, both are hidden from now on.
    assert_eq!(vault.redact("stocksync a1 r1 old"), "*** *** *** ***");
}

#[test]
fn what_a_person_configures_anew_counts_more() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "old").unwrap();
    let store = vault(folder.path(), &[("token", "file:token")]);
    store.try_refresh().unwrap().unwrap().save(&[fresh("token", "new")]).unwrap();
    fs::write(&token, "by hand").unwrap();
    let loaded = store.load().unwrap();
    assert_eq!((value(&loaded, "token").as_deref(), loaded.expires.len()), (Some("by hand"), 0));

    let store = vault(folder.path(), &[("key", VARIABLE), ("token", VARIABLE)]);
    store.try_refresh().unwrap().unwrap().save(&[fresh("token", "t1"), fresh("session", "s1")]).unwrap();
    // The same names from another variable: as if it had been set anew.
    let other = vault(folder.path(), &[("key", "env:CARGO_PKG_VERSION"), ("token", "env:CARGO_PKG_VERSION")]);
    let loaded = other.load().unwrap();
    assert_eq!(value(&loaded, "token").as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(value(&loaded, "session"), None);
}

#[test]
fn a_run_that_is_killed_before_the_file_is_rewritten_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "old").unwrap();
    let store = vault(folder.path(), &[("token", "file:token")]);
    // As far as `save` comes before it touches the file.
    make_folder(&store.folder).unwrap();
    let mut kept = Kept::read(&store.path()).unwrap();
    kept.write(&store.path()).unwrap();
    kept.put("token", "old", Some("new".to_owned()), None);
    kept.write(&store.path()).unwrap();
    assert_eq!(value(&store.load().unwrap(), "token").as_deref(), Some("new"));
    // The next refresh starts from there.
    store.try_refresh().unwrap().unwrap().save(&[fresh("token", "newer")]).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("token")).unwrap(), "newer");
    assert_eq!(value(&store.load().unwrap(), "token").as_deref(), Some("newer"));
}

#[test]
fn one_refreshes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (vault(folder.path(), &[]), vault(folder.path(), &[]));
    let held = first.try_refresh().unwrap();
    assert!(second.try_refresh().unwrap().is_none());
    drop(held);
    assert!(second.try_refresh().unwrap().is_some());
}

#[test]
fn a_file_of_others_or_garbage_is_told_without_showing_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = vault(folder.path(), &[]);
    make_folder(&store.folder).unwrap();
    for text in ["{\"secrets\": \"hunter2\"}", "hunter2", r#"{"format_version":9,"salt":"","secrets":{}}"#] {
        fs::write(store.path(), text).unwrap();
        let said = store.load().unwrap_err().join("\n");
        assert!(said.contains(".stocksync/secrets/shop.json") && !said.contains("hunter2"), "{said}");
        assert!(store.try_refresh().is_err(), "nothing is spent that could not be kept");
    }
    let long = "x".repeat(SECRET_BYTES_MAX as usize + 1);
    fs::remove_file(store.path()).unwrap();
    assert!(store.try_refresh().unwrap().unwrap().save(&[fresh("token", &long)]).is_err());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = vault(folder.path(), &[]);
    store.try_refresh().unwrap().unwrap().save(&[fresh("token", "new")]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&store.path()), mode(&store.folder)), (0o600, 0o700));
    assert_eq!(fs::read_to_string(store.folder.join(".gitignore")).unwrap(), "*\n");
    let left: Vec<_> = fs::read_dir(&store.folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}
