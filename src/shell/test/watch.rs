//! `--watch`: runs the tests again where rules or configuration changed.
//!
//! Files are looked at a few times a second instead of being reported by the system: that works on every system and every
//! file system, network drives and containers included, and costs one `stat` a file. A library would save that much, and bring
//! a thread and a backend for each system.

use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::project::is_rules;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, thread};

const LOOK_MILLISECONDS: u64 = 300;
/// More files than these are not looked at: a `rules: .` in a large folder.
const FILES_MAX: usize = 10_000;
/// Folders in folders, at most.
const DEPTH_MAX: usize = 32;

/// What is known of each file: when it was changed, and its size in bytes.
type Seen = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs once, then again and again; ends where nobody reads any more, or by Ctrl-C.
pub(super) fn run(
    root: PathBuf,
    mut once: impl FnMut(PathBuf, &mut Output) -> (Option<String>, Result<Exit, Stop>),
    output: &mut Output,
) -> Result<Exit, Stop> {
    let mut rules = "rules".to_owned();
    loop {
        // Looked at before it is read: what changes meanwhile is seen as a change.
        let before = look(&root, &rules);
        let (found, ended) = once(root.clone(), output);
        rules = found.unwrap_or(rules);
        if let Err(stop) = ended {
            if stop.exit == Exit::Done {
                return Err(stop);
            }
            crate::shell::say(stop, output);
        }
        output.out.flush()?;
        output.say(format_args!("watching `{rules}` and `stocksync.yaml`; Ctrl-C ends it"));
        let changed = wait(&root, &rules, before);
        output.say(format_args!("\n{}", changed_text(&root, &changed)));
    }
}

fn wait(root: &Path, rules: &str, before: Seen) -> Vec<PathBuf> {
    let mut watch = Watch::new(before);
    loop {
        if let Some(changed) = watch.next(look(root, rules)) {
            return changed;
        }
        thread::sleep(Duration::from_millis(LOOK_MILLISECONDS));
    }
}

/// Decides when to run again: when something is not as it was, and then stays the same from one look to the next. Editors
/// write in several steps, and a checkout touches many files.
struct Watch {
    ran_with: Seen,
    last: Option<Seen>,
}

impl Watch {
    fn new(ran_with: Seen) -> Self {
        Self { ran_with, last: None }
    }

    /// Takes in what is there now. The files that changed, where it is time to run.
    fn next(&mut self, now: Seen) -> Option<Vec<PathBuf>> {
        if now == self.ran_with {
            self.last = None;
            return None;
        }
        if self.last.as_ref() != Some(&now) {
            self.last = Some(now);
            return None;
        }
        let paths = self.ran_with.keys().chain(now.keys());
        let mut changed: Vec<_> =
            paths.filter(|path| self.ran_with.get(*path) != now.get(*path)).cloned().collect();
        changed.sort();
        changed.dedup();
        Some(changed)
    }
}

fn changed_text(root: &Path, changed: &[PathBuf]) -> String {
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

fn look(root: &Path, rules: &str) -> Seen {
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
    seen
}

fn note(path: &Path, seen: &mut Seen) {
    if let Ok(data) = fs::metadata(path) {
        seen.insert(path.to_path_buf(), (data.modified().ok(), data.len()));
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
    fn it_runs_again_when_what_changed_lies_still() {
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
}
