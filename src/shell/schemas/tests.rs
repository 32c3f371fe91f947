use super::*;
use crate::shell::locate::Found;
use proptest::prelude::*;
use serde_json::json;
use std::thread;

/// A library and a cache, both of the test's own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(place.connector_file(), "library one").unwrap();
        place
    }

    fn connector_file(&self) -> PathBuf {
        self.folder.path().join("libstocksync_csv.so")
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache").join("settings")
    }

    /// Where the library's schema is kept, to who looks so many seconds from now.
    fn entry_in(&self, seconds: u64) -> Entry {
        let found = Found { path: self.connector_file(), file: File::open(self.connector_file()).unwrap() };
        let now = SystemTime::now() + Duration::from_secs(seconds);
        Entry::new(&self.cache(), "csv", found, now).unwrap()
    }

    fn entry(&self) -> Entry {
        self.entry_in(60)
    }

    /// The files of the cache, with what is in them.
    fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(self.cache()).into_iter().flatten();
        files.map(|file| file.unwrap().path()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

fn schema() -> Value {
    json!({ "type": "object", "required": ["path"], "properties": { "path": { "type": "string" } } })
}

fn kept() -> Place {
    let place = Place::new();
    place.entry().keep(&schema());
    assert_eq!(place.entry().schema(), Some(schema()));
    place
}

#[test]
fn what_is_kept_is_found_again() {
    let place = Place::new();
    assert_eq!(place.entry().schema(), None);
    place.entry().keep(&schema());
    assert_eq!(place.entry().schema(), Some(schema()));
    assert_eq!(place.files().len(), 1);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_schema_is_found_again_or_was_not_kept(schema in any_json()) {
        let place = Place::new();
        place.entry().keep(&schema);
        let found = place.entry().schema();
        prop_assert!(found.is_none() || found.as_ref() == Some(&schema));
        prop_assert!(found.is_some() || place.files().is_empty());
    }
}

#[test]
fn another_library_of_the_same_size_and_time_is_another() {
    let place = kept();
    let modified = fs::metadata(place.connector_file()).unwrap().modified().unwrap();
    let other = place.folder.path().join("other");
    fs::write(&other, "library two").unwrap();
    File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
    fs::rename(other, place.connector_file()).unwrap();
    let entry = place.entry();
    assert_eq!(entry.schema(), if cfg!(unix) { None } else { Some(schema()) });
    // It takes the place of the first.
    entry.keep(&json!({ "type": "null" }));
    assert_eq!(place.entry().schema(), Some(json!({ "type": "null" })));
    assert_eq!(place.files().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_library_that_was_written_to_is_another() {
    let place = kept();
    let modified = fs::metadata(place.connector_file()).unwrap().modified().unwrap();
    // Time has passed for files when the file system says so.
    while place.entry().schema().is_some() {
        fs::write(place.connector_file(), "library two").unwrap();
        File::options().write(true).open(place.connector_file()).unwrap().set_modified(modified).unwrap();
    }
}

#[test]
fn a_library_that_changes_while_it_is_loaded_is_not_kept() {
    let place = Place::new();
    let entry = place.entry();
    fs::write(place.connector_file(), "library number two").unwrap();
    entry.keep(&schema());
    assert_eq!(place.files(), []);
}

#[test]
fn a_library_that_was_just_changed_is_not_kept() {
    let place = Place::new();
    place.entry_in(0).keep(&schema());
    assert_eq!(place.files(), []);
    // Nor is one that is of tomorrow.
    let file = File::options().write(true).open(place.connector_file()).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(86_400)).unwrap();
    place.entry().keep(&schema());
    assert_eq!(place.files(), []);
}

#[test]
fn what_is_damaged_is_not_used() {
    let place = kept();
    let (file, whole) = place.files().remove(0);
    let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|len| whole[..len].to_vec()).collect();
    damaged.extend((0..whole.len()).map(|at| {
        let mut text = whole.clone();
        text[at] ^= 1;
        text
    }));
    damaged.push([&whole[..], b" "].concat());
    damaged.push(vec![b' '; 2 << 20]);
    damaged.push([&whole[..DIGEST_CHARS], &vec![b' '; 2 << 20], &whole[DIGEST_CHARS..]].concat());
    for text in damaged {
        fs::write(&file, &text).unwrap();
        assert_eq!(place.entry().schema(), None, "{:?}", String::from_utf8_lossy(&text).get(..200));
    }
    place.entry().keep(&schema());
    assert_eq!(place.files(), [(file, whole)]);
}

#[cfg(unix)]
#[test]
fn what_others_may_have_written_is_not_used() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = kept();
    let (file, _) = place.files().remove(0);
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        assert_eq!(place.entry().schema(), None, "{mode:o}");
    }
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(place.entry().schema(), Some(schema()));
    let elsewhere = place.folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    assert_eq!(place.entry().schema(), None);
    // A link is replaced, not followed.
    fs::write(&elsewhere, "precious").unwrap();
    place.entry().keep(&schema());
    assert_eq!(place.entry().schema(), Some(schema()));
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "precious");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_or_write_what_is_kept() {
    use std::os::unix::fs::MetadataExt;
    let place = kept();
    let rights = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    let (file, _) = place.files().remove(0);
    assert_eq!((rights(&file), rights(&place.cache())), (0o600, 0o700));
}

#[test]
fn a_folder_that_cannot_be_made_is_no_fault() {
    let place = Place::new();
    fs::write(place.folder.path().join("cache"), "a file").unwrap();
    place.entry().keep(&schema());
    assert_eq!(place.entry().schema(), None);
    // Nor is one in the entry's own place.
    let place = kept();
    let (file, _) = place.files().remove(0);
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    fs::write(file.join("inside"), "").unwrap();
    place.entry().keep(&schema());
    assert_eq!(place.entry().schema(), None);
    assert_eq!(fs::read_dir(place.cache()).unwrap().count(), 1, "nothing half written stays");
}

#[test]
fn many_may_write_at_once() {
    let place = Place::new();
    let large: Value = (0..5_000).collect();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    place.entry().keep(&large);
                    let found = place.entry().schema();
                    assert!(found.is_none() || found.as_ref() == Some(&large));
                }
            });
        }
    });
    place.entry().keep(&large);
    assert_eq!(place.entry().schema(), Some(large));
    assert_eq!(place.files().len(), 1);
}

#[test]
fn libraries_are_kept_apart() {
    let place = kept();
    let other = Place { folder: tempfile::tempdir().unwrap() };
    fs::write(other.connector_file(), "library one").unwrap();
    let found = Found { path: other.connector_file(), file: File::open(other.connector_file()).unwrap() };
    let now = SystemTime::now() + Duration::from_secs(60);
    let entry = Entry::new(&place.cache(), "csv", found, now).unwrap();
    assert_eq!(entry.schema(), None);
    entry.keep(&json!({}));
    assert_eq!((entry.schema(), place.entry().schema()), (Some(json!({})), Some(schema())));
}

#[test]
fn only_libraries_beside_the_program_are_kept() {
    let place = Place::new();
    let search = |folder: &Path| Search { folders: vec![folder.to_path_buf()], lock: Ok(Default::default()) };
    let schemas = Schemas::within(&place.cache());
    assert!(schemas.entry("csv", &search(place.folder.path())).is_none());
    let beside = env::current_exe().unwrap().parent().unwrap().to_path_buf();
    assert!(schemas.entry("csv", &search(&beside)).is_some());
    assert!(schemas.entry("no-such", &search(&beside)).is_none());
    assert!(schemas.entry("../csv", &search(&beside)).is_none());
    assert!(Schemas::NONE.entry("csv", &search(&beside)).is_none());
}
