//! `--since REV`: only what touches a rule, list or test that differs from a revision.

use crate::diagnostic::Diagnostic;
use crate::shell::exit::Stop;
use crate::shell::git::Git;
use crate::shell::project::{self, Depth, Project};
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Item, Term};
use crate::syntax::shape;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What differs between the project and where it parted from a revision.
pub(super) struct Since {
    /// The shapes of all items, and the texts of all rule files, as they were.
    items: HashSet<String>,
    texts: HashMap<String, String>,
    /// Files that differ, by name.
    files: BTreeSet<String>,
}

impl Since {
    /// Reads the merge base of a revision and the checked-out commit.
    pub(super) fn read(project: &Project, revision: &str) -> Result<Self, Stop> {
        let git = Git::of(&project.root)?;
        let base = git.merge_base(&git.commit(revision)?, "HEAD")?;
        let at = |_: &_| Ok(Timestamp::UNIX_EPOCH);
        let files = git.changed_since(&base)?;
        let snapshot = git.snapshot(&base);
        // Where the configuration did not exist, nothing did.
        let Ok((before, _)) = project::load_from(&snapshot, project.root.clone(), Depth::Rules, at) else {
            return Ok(Self { items: HashSet::new(), texts: HashMap::new(), files });
        };
        let items = before.files.iter().flat_map(|(_, file)| &file.items).map(shape).collect();
        let text = |(file, _): &(FileId, _)| {
            let source = before.sources.get(*file);
            (source.path().to_owned(), source.text().to_owned())
        };
        let texts = before.files.iter().map(text).collect();
        Ok(Self { items, texts, files })
    }

    /// The findings that touch what differs. What has no place is shown where anything differs.
    pub(super) fn only(&self, project: &Project, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let changed = Changed::of(self, project);
        let touches = |finding: &Diagnostic| match finding.span {
            None => changed.any || !self.files.is_empty(),
            Some(span) => {
                let mut spans = finding.related.iter().map(|related| related.span).chain([span]);
                spans.any(|span| changed.holds(self, &project.sources, span))
            }
        };
        found.into_iter().filter(touches).collect()
    }
}

/// The items of today that were not there, or not like this.
struct Changed {
    /// By file: where each item lies, and whether it differs.
    items: HashMap<FileId, Vec<(Span, bool)>>,
    any: bool,
}

impl Changed {
    fn of(since: &Since, project: &Project) -> Self {
        let mut items: Vec<(&Item, bool)> = project
            .files
            .iter()
            .flat_map(|(_, file)| &file.items)
            .map(|item| (item, !since.items.contains(&shape(item))))
            .collect();
        // A rule whose list differs takes other SKUs, though nothing was written in it.
        let mut lists: HashSet<&str> = HashSet::new();
        loop {
            let known = lists.len();
            for (item, differs) in &mut items {
                *differs |= names(item, &lists);
                lists.extend(item.as_let().filter(|_| *differs).map(|list| list.name.text.as_str()));
            }
            if lists.len() == known {
                break;
            }
        }
        // A file of rules without an item is one all the same.
        let mut changed = Self {
            items: project.files.iter().map(|(file, _)| (*file, Vec::new())).collect(),
            any: items.iter().any(|(_, differs)| *differs),
        };
        for (item, differs) in items {
            changed.items.entry(item.span().file).or_default().push((item.span(), differs));
        }
        changed
    }

    fn holds(&self, since: &Since, sources: &Sources, span: Span) -> bool {
        let source = sources.get(span.file);
        let Some(items) = self.items.get(&span.file) else { return since.files.contains(source.path()) };
        let around = items.iter().find(|(item, _)| item.start <= span.start && span.start < item.end);
        // Between items are comments, and what is no item at all.
        around.map_or_else(
            || since.texts.get(source.path()).is_none_or(|text| text != source.text()),
            |(_, differs)| *differs,
        )
    }
}

/// Whether an item names one of these lists.
fn names(item: &Item, lists: &HashSet<&str>) -> bool {
    let any = |value: &[Term]| value.iter().filter_map(Term::word).any(|word| lists.contains(word));
    match item {
        Item::Let(list) => any(&list.value),
        Item::Rule(rule) => rule.fields.iter().any(|field| any(&field.value)),
        Item::Test(_) => false,
    }
}
