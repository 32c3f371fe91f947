//! Where a project's configuration and rules come from: the disk, or a revision of them.

use super::load::{Overlay, find_rules, read_at_most};
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::syntax;
use std::io;
use std::path::Path;

/// Configuration and rules as texts.
pub trait Tree {
    /// The bytes of `stocksync.yaml`, at most so many of them.
    fn config(&self, bytes_max: usize) -> Result<Vec<u8>, Stop>;
    /// The rule files under a folder, sorted by name.
    fn rules(&self, folder: &str) -> Result<RuleTexts, Stop>;
}

/// Rule files with their names for people.
#[derive(Default)]
pub struct RuleTexts {
    /// Each as far as it could be read.
    pub files: Vec<(String, io::Result<Vec<u8>>)>,
    /// By its name, what could not be found, and why.
    pub faults: Vec<(String, String)>,
}

/// What lies in a folder, with some of its texts replaced.
pub struct Disk<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// Texts in place of those of some files, or of files that are not there yet.
    pub overlay: &'a Overlay,
}

impl Tree for Disk<'_> {
    fn config(&self, bytes_max: usize) -> Result<Vec<u8>, Stop> {
        if let Some(text) = self.overlay.get("stocksync.yaml") {
            return Ok(text.clone().into_bytes());
        }
        read_at_most(&self.root.join("stocksync.yaml"), bytes_max)
            .map_err(|fault| Stop::failed(format_args!("cannot read `stocksync.yaml`: {}", plainly(&fault))))
    }

    fn rules(&self, folder: &str) -> Result<RuleTexts, Stop> {
        let walk = find_rules(self.root, &self.root.join(folder), folder);
        let read = |(name, path): (String, _)| {
            let replaced = self.overlay.get(&name).map(|text| Ok(text.clone().into_bytes()));
            let bytes = replaced.unwrap_or_else(|| read_at_most(path, syntax::FILE_BYTES_MAX + 1));
            (name, bytes)
        };
        let mut files: Vec<_> =
            walk.paths.iter().map(|(name, path)| read((name.clone(), path.as_path()))).collect();
        for (name, text) in self.overlay {
            if is_rule_file(folder, name)
                && walk.paths.binary_search_by(|(known, _)| known.cmp(name)).is_err()
            {
                files.push((name.clone(), Ok(text.clone().into_bytes())));
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(RuleTexts { files, faults: walk.faults })
    }
}

/// Whether a file of the project is a rule file under `folder`, by its name.
pub fn is_rule_file(folder: &str, name: &str) -> bool {
    name.starts_with(&under(folder)) && is_rules(Path::new(name))
}

/// Whether a file holds rules, by its ending. One that is named only `.sync` is hidden, and has none.
pub fn is_rules(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "sync")
}

/// What the names of files in a folder of the project begin with.
pub(super) fn under(folder: &str) -> String {
    if folder == "." { String::new() } else { format!("{folder}/") }
}
