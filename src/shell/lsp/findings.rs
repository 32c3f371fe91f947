//! Findings as the protocol has them.

use super::check::World;
use super::documents::Documents;
use super::place::Encoding;
use crate::diagnostic::{Diagnostic, Edit, Level};
use crate::source::{FileId, Sources, Span};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What an editor shows faded: it does nothing.
const UNNECESSARY: &[&str] =
    &["shadowed-rule", "redundant-item", "useless-except", "unused-list", "rule-has-ended", "unused-allow"];

/// The findings of a project by the document that they are shown in: each that has some or is open.
/// What has no place is shown at the configuration.
pub(super) fn by_document(
    world: &World,
    documents: &Documents,
    encoding: Encoding,
) -> BTreeMap<String, Value> {
    let sources = &world.project.sources;
    let uri = |file: FileId| documents.uri_of(&world.path(file));
    let config = sources.iter().next().map(|(file, _)| Span::new(file, 0, 0));
    let mut all: BTreeMap<String, Vec<Value>> =
        documents.inside(&world.project.root).map(|uri| (uri.to_owned(), Vec::new())).collect();
    for found in &world.project.diagnostics {
        let Some(span) = found.span.or(config) else { continue };
        let placed = Diagnostic { span: Some(span), ..found.clone() };
        all.entry(uri(span.file)).or_default().push(finding(sources, &placed, encoding, &uri));
    }
    all.into_iter().map(|(uri, list)| (uri, list.into())).collect()
}

/// One finding.
pub(super) fn finding(
    sources: &Sources,
    found: &Diagnostic,
    encoding: Encoding,
    uri: &dyn Fn(FileId) -> String,
) -> Value {
    let range = |span: Span| encoding.range(sources.get(span.file), span);
    let help = found.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    let related: Vec<Value> = found
        .related
        .iter()
        .map(|related| {
            let location = json!({ "uri": uri(related.span.file), "range": range(related.span) });
            json!({ "location": location, "message": related.message })
        })
        .collect();
    let severity = match found.level {
        Level::Deny => 1,
        Level::Warn => 2,
        Level::Info | Level::Allow => 3,
    };
    let tags: &[u8] = if UNNECESSARY.contains(&found.code.name) { &[1] } else { &[] };
    json!({
        "range": found.span.map_or_else(|| json!(null), range),
        "severity": severity,
        "code": found.code.code,
        "source": "stocksync",
        "message": format!("{}: {}{help}", found.code.name, found.message),
        "relatedInformation": related,
        "tags": tags,
    })
}

/// Edits by document, as a `WorkspaceEdit`.
pub(super) fn workspace_edit(
    world: &World,
    documents: &Documents,
    encoding: Encoding,
    edits: &[Edit],
) -> Value {
    let mut changes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for edit in edits {
        let source = world.project.sources.get(edit.span.file);
        let change = json!({ "range": encoding.range(source, edit.span), "newText": edit.text });
        changes.entry(documents.uri_of(&world.path(edit.span.file))).or_default().push(change);
    }
    let changes: Map<String, Value> = changes.into_iter().map(|(uri, list)| (uri, list.into())).collect();
    json!({ "changes": changes })
}
