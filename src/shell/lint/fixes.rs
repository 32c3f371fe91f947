//! `--fix`, `--unsafe-fixes` and `--diff`.

use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::SYNTAX;
use crate::fix::{Wanted, fix};
use crate::report::changes;
use crate::shell::exit::Stop;
use crate::shell::fault::plainly;
use crate::shell::output::Output;
use crate::shell::project::{Overlay, Project};
use crate::shell::save;
use crate::source::FileId;
use std::collections::{BTreeMap, HashSet};

/// Fixes may lay open what others can put right; where that never ends, it ends here.
const ROUNDS_MAX: usize = 10;

/// What the fixes came to.
#[derive(Default)]
pub(super) struct Fixing {
    /// Rule files as they would be, by name.
    pub(super) texts: Overlay,
    /// The same as they were.
    before: BTreeMap<String, String>,
    /// How many findings were put right.
    made: usize,
}

impl Fixing {
    /// Makes the fixes of `shown` in memory, reads the project again with them, and so on until there is nothing more to
    /// fix. Returns the last reading.
    pub(super) fn all(
        &mut self,
        mut read: (Project, Vec<Diagnostic>),
        wanted: Wanted,
        mut again: impl FnMut(&Overlay) -> Result<(Project, Vec<Diagnostic>), Stop>,
    ) -> Result<(Project, Vec<Diagnostic>), Stop> {
        for _ in 0..ROUNDS_MAX {
            let (project, shown) = &read;
            let sound = sound_rule_files(project);
            let (texts, made) = fix(&project.sources, shown, wanted, |file| sound.contains(&file));
            if texts.is_empty() {
                break;
            }
            let mut next = self.texts.clone();
            for fixed in texts {
                let source = project.sources.get(fixed.file);
                self.before.entry(source.path().to_owned()).or_insert_with(|| source.text().to_owned());
                next.insert(source.path().to_owned(), fixed.text);
            }
            let fresh = again(&next)?;
            // A fix that breaks the syntax would be a fault of ours: it is not made, and neither is what came with it.
            if syntax_faults(&fresh.0) > syntax_faults(project) {
                break;
            }
            self.texts = next;
            self.made += made;
            read = fresh;
        }
        Ok(read)
    }

    /// Shows what would change; whether anything would.
    pub(super) fn show(&self, output: &mut Output) -> Result<bool, Stop> {
        for (name, text) in &self.texts {
            let before = self.before.get(name).map_or("", String::as_str);
            changes::unified(name, before, text, output.out_color, &mut output.out)?;
        }
        self.say("would be fixed", output);
        Ok(!self.texts.is_empty())
    }

    /// Writes what changed. A file that somebody changed meanwhile stays as it is; whether all could be written.
    pub(super) fn write(&self, project: &Project, output: &mut Output) -> bool {
        let mut all = true;
        for (name, text) in &self.texts {
            let before = self.before.get(name).map_or("", String::as_str);
            if let Err(fault) = save::rewrite(&project.root.join(name), before.as_bytes(), text) {
                output.fault(&format!("cannot write `{name}`: {}", plainly(&fault)), None);
                all = false;
            }
        }
        if all {
            self.say("fixed", output);
        }
        all
    }

    fn say(&self, what: &str, output: &mut Output) {
        let files = self.texts.len();
        let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
        if files > 0 {
            output.say(format_args!("{} {what} in {}", count(self.made, "finding"), count(files, "file")));
        }
    }
}

/// The rule files without a fault of syntax: what is guessed of the others is not edited.
fn sound_rule_files(project: &Project) -> HashSet<FileId> {
    let mut files: HashSet<FileId> = project.files.iter().map(|(file, _)| *file).collect();
    for finding in project.diagnostics.iter().filter(|finding| *finding.code == SYNTAX) {
        if let Some(span) = finding.span {
            files.remove(&span.file);
        }
    }
    files
}

fn syntax_faults(project: &Project) -> usize {
    project.diagnostics.iter().filter(|finding| *finding.code == SYNTAX).count()
}
