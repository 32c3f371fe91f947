//! Which fixes are made together, and the texts that come of them.

use crate::diagnostic::{Diagnostic, Edit, Fix};
use crate::edit;
use crate::source::{FileId, Sources};
use std::collections::BTreeMap;

/// Which fixes are wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Those that never change what the rules do.
    Safe,
    /// The others too.
    Unsafe,
}

/// A text with its fixes made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fixed {
    /// Which text.
    pub file: FileId,
    /// What it says now.
    pub text: String,
}

/// The texts that change, and how many findings that puts right.
///
/// Of each finding the first wanted fix is made, if all of it lies in texts that are `editable` and none of it meets an edit
/// of another finding: what is left waits for the next round, when the findings are known anew.
pub fn fix(
    sources: &Sources,
    found: &[Diagnostic],
    wanted: Wanted,
    editable: impl Fn(FileId) -> bool,
) -> (Vec<Fixed>, usize) {
    let mut made = Made::default();
    let mut count = 0;
    for finding in found {
        let is_wanted = |fix: &&Fix| {
            let all_editable = fix.edits.iter().all(|edit| editable(edit.span.file));
            (fix.safe || wanted == Wanted::Unsafe) && all_editable && !fix.edits.is_empty()
        };
        let chosen = finding.fixes.iter().find(is_wanted);
        count += usize::from(chosen.is_some_and(|fix| made.take(&fix.edits)));
    }
    let texts = made.edits.into_iter().filter_map(|(file, edits)| {
        let edits: Vec<Edit> = edits.into_values().collect();
        let text = edit::apply(sources.get(file).text(), &edits)?;
        Some(Fixed { file, text })
    });
    (texts.collect(), count)
}

/// The edits that are made, by file and where they begin.
#[derive(Default)]
struct Made {
    edits: BTreeMap<FileId, BTreeMap<u32, Edit>>,
}

impl Made {
    /// Adds the edits of a fix, all or none.
    fn take(&mut self, edits: &[Edit]) -> bool {
        if edits.iter().any(|edit| self.meets(edit)) {
            return false;
        }
        for edit in edits {
            self.edits.entry(edit.span.file).or_default().insert(edit.span.start, edit.clone());
        }
        true
    }

    /// Whether another edit touches the same text. An equal one does not: it is made once.
    fn meets(&self, edit: &Edit) -> bool {
        let Some(made) = self.edits.get(&edit.span.file) else { return false };
        let (start, end) = (edit.span.start, edit.span.end);
        let before = made.range(..start).next_back().is_some_and(|(_, before)| before.span.end > start);
        let behind = made.range(start..).next().filter(|(_, behind)| *behind != edit);
        before || behind.is_some_and(|(&at, _)| at == start || at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::SYNTAX;
    use crate::source::Span;

    /// Whether a fix is safe, and its edits.
    type Case<'a> = (bool, &'a [(u32, u32, &'a str)]);

    #[track_caller]
    fn check(text: &str, findings: &[Case<'_>], wanted: Wanted, expect: (&str, usize)) {
        let mut sources = Sources::new();
        let file = sources.add("a", text);
        let edit = |&(start, end, text): &(u32, u32, &str)| Edit {
            span: Span::new(file, start, end),
            text: text.to_owned(),
        };
        let found: Vec<Diagnostic> = findings
            .iter()
            .map(|&(safe, edits)| {
                let edits = edits.iter().map(edit).collect();
                Diagnostic::new(&SYNTAX, None, "").with_fix(Fix { safe, message: String::new(), edits })
            })
            .collect();
        let (texts, count) = fix(&sources, &found, wanted, |_| true);
        assert_eq!((texts.first().map_or(text, |fixed| &fixed.text), count), expect);
        assert_eq!(fix(&sources, &found, wanted, |_| false), (vec![], 0));
    }

    #[test]
    fn what_does_not_meet_is_made_together() {
        check("abcd", &[(true, &[(0, 1, "A")]), (true, &[(2, 3, "C")])], Wanted::Safe, ("AbCd", 2));
        check("abcd", &[(true, &[(0, 1, "")]), (true, &[(1, 2, "")])], Wanted::Safe, ("cd", 2));
        check("abcd", &[(true, &[(0, 1, "A")]), (false, &[(2, 3, "C")])], Wanted::Safe, ("Abcd", 1));
        check("abcd", &[(true, &[(0, 1, "A")]), (false, &[(2, 3, "C")])], Wanted::Unsafe, ("AbCd", 2));
        check("abcd", &[(true, &[(0, 1, "A")]), (true, &[(0, 1, "A")])], Wanted::Safe, ("Abcd", 2));
    }

    #[test]
    fn what_meets_waits() {
        check("abcd", &[(true, &[(0, 2, "A")]), (true, &[(1, 3, "C")])], Wanted::Safe, ("Acd", 1));
        check("abcd", &[(true, &[(1, 3, "")]), (true, &[(0, 2, "")])], Wanted::Safe, ("ad", 1));
        check("abcd", &[(true, &[(1, 1, "x")]), (true, &[(1, 1, "y")])], Wanted::Safe, ("axbcd", 1));
        check("abcd", &[(true, &[(1, 3, "")]), (true, &[(2, 2, "y")])], Wanted::Safe, ("ad", 1));
        // All of a fix or nothing of it.
        let second: &[(u32, u32, &str)] = &[(1, 2, "B"), (3, 4, "D")];
        check("abcd", &[(true, &[(0, 2, "A")]), (true, second)], Wanted::Safe, ("Acd", 1));
    }
}
