//! Findings that were there when a project took the linter up: listed in a file, hidden, and told once they are gone.

use super::allow::Judge;
use super::at_levels;
use crate::diagnostic::{Code, Diagnostic, Level, find_code};
use crate::hash::{HashMap, HashSet};
use crate::report::lint::fingerprint::fingerprints;
use crate::source::{FileId, Sources, Span};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// `stale-baseline`.
pub static STALE_BASELINE: Code = Code {
    code: "SS120",
    name: "stale-baseline",
    level: Level::Warn,
    what: "an entry of the baseline that no finding fits any more",
    why: "the fault is put right: while the entry stays, the same fault could come back unseen. A baseline only shrinks",
    bad: "# baseline.json lists an unknown-sku, and the list was put right since\nlet soap = \"SOAP\"",
    good: "# the entry is gone, by `stocksync lint --baseline baseline.json --write-baseline`\nlet soap = \"SOAP\"",
};

/// The form of the file. A program reads its own and no newer one.
const FORMAT_VERSION: u64 = 1;

/// What depends on the state: a machine without it, as in CI, finds none of it, and that does not make an entry stale.
const FROM_STATE: [&str; 2] = ["released", "stock-without-as-of"];

/// A baseline as it was read.
#[derive(Debug)]
pub struct Baseline {
    file: FileId,
    entries: Vec<Entry>,
}

/// One finding that is hidden. All but the fingerprint is for people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
struct Entry {
    #[serde(default)]
    file: Option<String>,
    code: String,
    name: String,
    message: String,
    fingerprint: String,
}

#[derive(Deserialize)]
struct Head {
    format_version: u64,
}

#[derive(Deserialize)]
struct Whole {
    findings: Vec<Entry>,
}

/// What is left of findings beside a baseline.
#[derive(Debug)]
pub struct Left {
    /// What it does not list, and what is to be said of it.
    pub findings: Vec<Diagnostic>,
    /// How many findings it hides.
    pub hidden: usize,
}

/// Reads a baseline.
///
/// # Errors
/// What is wrong with it, in one line.
pub fn read(file: FileId, text: &str) -> Result<Baseline, String> {
    let place = |fault: serde_json::Error| match fault.classify() {
        serde_json::error::Category::Data => format!("it is no baseline, at line {}", fault.line().max(1)),
        _ => format!("it is no JSON, at line {}, column {}", fault.line(), fault.column()),
    };
    let head: Head = serde_json::from_str(text).map_err(place)?;
    if head.format_version != FORMAT_VERSION {
        return Err(format!(
            "it has the format {}, and this program reads the format {FORMAT_VERSION}",
            head.format_version
        ));
    }
    let Whole { findings } = serde_json::from_str(text).map_err(place)?;
    Ok(Baseline { file, entries: findings })
}

/// Writes a baseline of all findings that one can hide, sorted, a line each; says how many.
pub fn write(sources: &Sources, found: &[Diagnostic], out: &mut dyn Write) -> io::Result<()> {
    let mut entries: Vec<Entry> = fingerprints(sources, found)
        .into_iter()
        .zip(found)
        .filter(|(_, finding)| can_be_hidden(finding.code))
        .map(|(fingerprint, finding)| Entry {
            file: finding.span.map(|span| sources.get(span.file).path().to_owned()),
            code: finding.code.code.to_owned(),
            name: finding.code.name.to_owned(),
            message: finding.message.clone(),
            fingerprint,
        })
        .collect();
    entries.sort();
    write!(out, "{{ \"format_version\": {FORMAT_VERSION}, \"findings\": [")?;
    for (at, entry) in entries.iter().enumerate() {
        out.write_all(if at == 0 { b"\n  " } else { b",\n  " })?;
        serde_json::to_writer(&mut *out, entry)?;
    }
    out.write_all(if entries.is_empty() { b"] }\n" } else { b"\n] }\n" })
}

/// Whether findings of a kind can stand in a baseline: errors cannot.
pub fn can_be_hidden(code: &'static Code) -> bool {
    code.level != Level::Deny && code != &STALE_BASELINE
}

impl Baseline {
    /// How many findings it lists.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Hides what is listed, and adds what is listed and not found. `found` is at its levels; `level_of` is that of [`at_levels`].
    pub fn hide(
        &self,
        sources: &Sources,
        found: Vec<Diagnostic>,
        judge: Judge,
        level_of: impl Fn(&'static Code) -> Option<Level>,
    ) -> Left {
        let listed: HashSet<&str> = self.entries.iter().map(|entry| entry.fingerprint.as_str()).collect();
        let prints = fingerprints(sources, &found);
        let mut hidden: HashMap<String, bool> = HashMap::default();
        let mut findings = Vec::new();
        for (print, finding) in prints.into_iter().zip(found) {
            if can_be_hidden(finding.code) && listed.contains(print.as_str()) {
                hidden.insert(print, false);
            } else {
                findings.push(finding);
            }
        }
        let count = hidden.len();
        findings.extend(at_levels(self.stale(sources, hidden, judge), level_of));
        Left { findings, hidden: count }
    }

    /// What is to be said of entries. `hidden` tells of each finding whether an entry was seen that lists it.
    fn stale(&self, sources: &Sources, mut hidden: HashMap<String, bool>, judge: Judge) -> Vec<Diagnostic> {
        let mut said = Vec::new();
        let text = sources.get(self.file).text();
        let mut at = 0;
        for entry in &self.entries {
            let quoted = format!("\"{}\"", entry.fingerprint);
            let found = text.get(at..).and_then(|rest| rest.find(&quoted));
            let start = found.map_or(at, |before| at + before);
            at = found.map_or(at, |before| at + before + quoted.len());
            let Some(message) = entry.fault(&mut hidden, judge) else { continue };
            let span = Span::new(self.file, start as u32, at.max(start) as u32);
            let finding = Diagnostic::new(&STALE_BASELINE, span, message);
            said.push(finding.with_help("`--write-baseline` writes the baseline anew"));
        }
        said
    }
}

impl Entry {
    fn fault(&self, hidden: &mut HashMap<String, bool>, judge: Judge) -> Option<String> {
        let place = self.file.as_deref().map_or(String::new(), |file| format!(" in `{file}`"));
        if find_code(&self.code).is_some_and(|code| !can_be_hidden(code)) {
            return Some(format!("`{}`{place} is listed, and no baseline hides it", self.name));
        }
        match hidden.get_mut(&self.fingerprint) {
            Some(seen) if *seen => Some(format!("`{}`{place} is listed twice: {}", self.name, self.message)),
            Some(seen) => {
                *seen = true;
                None
            }
            None if judge == Judge::Readable || FROM_STATE.contains(&self.name.as_str()) => None,
            None => Some(format!("`{}`{place} is found no more: {}", self.name, self.message)),
        }
    }
}

#[cfg(test)]
mod tests;
