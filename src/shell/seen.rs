//! What files of a project look like from outside, and when it is time to read them again.
//!
//! Files are looked at a few times a second instead of being reported by the system: that works on every system and every
//! file system, network drives and containers included, and costs one `stat` a file. A library would save that much, and bring
//! a thread and a backend for each system.

use super::project::is_rules;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long it is from one look to the next.
pub(super) const LOOK: Duration = Duration::from_millis(300);
/// More files than these are not looked at: a `rules: .` in a large folder.
const FILES_MAX: usize = 10_000;
/// Folders in folders, at most.
const DEPTH_MAX: usize = 32;

/// What is known of each file: when it was changed, and its size in bytes.
pub(super) type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Looks at `stocksync.yaml`, at the files of a folder of rules, and at some more.
pub(super) fn look<'a>(root: &Path, rules: &str, more: impl IntoIterator<Item = &'a PathBuf>) -> Seen {
    let mut seen = Seen::new();
    note(&root.join("stocksync.yaml"), &mut seen);
    let mut folders = vec![(root.join(rules), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            if kind.is_ok_and(|kind| kind.is_dir()) {
                if depth < DEPTH_MAX {
                    folders.push((path, depth + 1));
                }
            } else if is_rules(&path) && seen.len() < FILES_MAX {
                note(&path, &mut seen);
            }
        }
    }
    more.into_iter().for_each(|path| note(path, &mut seen));
    seen
}

fn note(path: &Path, seen: &mut Seen) {
    if let Ok(data) = fs::metadata(path) {
        seen.insert(path.to_path_buf(), (data.modified().ok(), data.len()));
    }
}

/// Decides when to read again: when something is not as it was, and then stays the same from one look to the next. Editors
/// write in several steps, and a checkout touches many files.
pub(super) struct Watch {
    read_with: Seen,
    last: Option<Seen>,
}

impl Watch {
    /// Of files that were read when they looked so.
    pub(super) fn new(read_with: Seen) -> Self {
        Self { read_with, last: None }
    }

    /// Takes in what is there now. The files that changed, where it is time to read.
    pub(super) fn next(&mut self, now: Seen) -> Option<Vec<PathBuf>> {
        if now == self.read_with {
            self.last = None;
            return None;
        }
        if self.last.as_ref() != Some(&now) {
            self.last = Some(now);
            return None;
        }
        let paths = self.read_with.keys().chain(now.keys());
        let mut changed: Vec<_> =
            paths.filter(|path| self.read_with.get(*path) != now.get(*path)).cloned().collect();
        changed.sort();
        changed.dedup();
        Some(changed)
    }
}

/// Names what changed, for a person.
pub(super) fn changed_text(root: &Path, changed: &[PathBuf]) -> String {
    let name = |path: &PathBuf| {
        let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        format!("`{}`", crate::report::clean(&path))
    };
    match changed {
        [one] => format!("{} changed", name(one)),
        [one, rest @ ..] => format!("{} and {} more changed", name(one), rest.len()),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file a letter, each with its size.
    fn seen(files: &[(&str, u64)]) -> Seen {
        files.iter().map(|(path, size)| (PathBuf::from(path), (None, *size))).collect()
    }

    #[test]
    fn it_is_time_when_what_changed_lies_still() {
        type Files = [(&'static str, u64)];
        let steps: [(&Files, Option<&[&str]>); 8] = [
            (&[("a", 1), ("b", 1)], None),
            (&[("a", 2), ("b", 1)], None),
            // It is still being written.
            (&[("a", 3), ("b", 1)], None),
            (&[("a", 3), ("b", 1)], Some(&["a"])),
            // It is as it was again: what was seen between does not count.
            (&[("a", 1), ("b", 1)], None),
            (&[("a", 3), ("b", 1)], None),
            (&[("b", 2), ("c", 1)], None),
            (&[("b", 2), ("c", 1)], Some(&["a", "b", "c"])),
        ];
        let mut watch = Watch::new(seen(&[("a", 1), ("b", 1)]));
        for (at, (files, expected)) in steps.into_iter().enumerate() {
            let expected = expected.map(|paths| paths.iter().map(PathBuf::from).collect::<Vec<_>>());
            assert_eq!(watch.next(seen(files)), expected, "step {at}");
        }
    }

    #[test]
    fn rules_the_configuration_and_what_is_named_are_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, name).unwrap();
            path
        };
        let mut all = vec![write("stocksync.yaml"), write("rules/deep/a.sync"), write("stock.csv")];
        write("rules/notes.txt");
        write("other.csv");
        all.sort();
        let named = [folder.path().join("stock.csv"), folder.path().join("missing.csv")];
        let seen: Vec<PathBuf> = look(folder.path(), "rules", &named).into_keys().collect();
        assert_eq!(seen, all);
    }
}
