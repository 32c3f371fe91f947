//! From a name to where it is declared and used, and to another name.

use super::View;
use super::occurrences::{Kind, Occurrence, list_names, occurrences};
use crate::check::{is_keyword, is_name};
use crate::diagnostic::Edit;
use crate::source::{FileId, Span};

/// The name at a place, which may be right behind it.
pub(super) fn at(view: &View<'_>, file: FileId, offset: u32) -> Option<Occurrence> {
    occurrences(view, file).into_iter().find(|found| found.span.start <= offset && offset <= found.span.end)
}

/// Where what is named at a place is declared: in a rule file, or in the configuration.
pub fn definition(view: &View<'_>, file: FileId, offset: u32) -> Vec<Span> {
    let Some(found) = at(view, file, offset) else { return Vec::new() };
    match found.kind {
        Kind::Store => {
            let stores = view.config.stores.iter().filter(|store| store.name == found.name);
            stores.map(|store| store.span).collect()
        }
        Kind::Warehouse => warehouse(view, &found.name).into_iter().collect(),
        Kind::Sku | Kind::Field => Vec::new(),
        Kind::List | Kind::Rule | Kind::Test => {
            all(view, &found).filter(|(_, declares)| *declares).map(|(span, _)| span).collect()
        }
    }
}

/// Where what is named at a place stands in the rule files, by file and place.
pub fn references(view: &View<'_>, file: FileId, offset: u32, declarations: bool) -> Vec<Span> {
    let Some(found) = at(view, file, offset).filter(|found| found.kind != Kind::Field) else {
        return Vec::new();
    };
    all(view, &found).filter(|(_, declares)| declarations || !declares).map(|(span, _)| span).collect()
}

/// The name at a place, if it can be another.
pub fn rename_place(view: &View<'_>, file: FileId, offset: u32) -> Result<Span, String> {
    let found = at(view, file, offset).ok_or_else(|| "here is no name".to_owned())?;
    match found.kind {
        Kind::List => Ok(found.span),
        Kind::Rule | Kind::Test => Ok(Span::new(found.span.file, found.span.start + 1, found.span.end - 1)),
        Kind::Store | Kind::Warehouse => Err(format!(
            "`{}` is declared in `stocksync.yaml`, and known to its tables and to the state: rename it there",
            found.name
        )),
        Kind::Sku => Err("a SKU is named in the catalog's tables".to_owned()),
        Kind::Field => Err("the names of fields are the language's own".to_owned()),
    }
}

/// The edits that give what is named at a place another name, or why there are none.
pub fn rename(view: &View<'_>, file: FileId, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    rename_place(view, file, offset)?;
    let found = at(view, file, offset).ok_or_else(|| "here is no name".to_owned())?;
    if found.kind == Kind::List {
        check_list_name(view, new)?;
        return Ok(all(view, &found).map(|(span, _)| Edit { span, text: new.to_owned() }).collect());
    }
    if new.is_empty() || new.contains(['\n', '\r']) {
        return Err("a name is not empty, and stands on one line".to_owned());
    }
    let taken = view.files.iter().flat_map(|(file, _)| occurrences(view, *file));
    if taken.filter(|one| one.kind == found.kind).any(|one| one.name == new) {
        return Err(format!(
            "there is a {} `{new}` already",
            if found.kind == Kind::Rule { "rule" } else { "test" }
        ));
    }
    let text = format!("\"{}\"", new.replace('\\', r"\\").replace('"', "\\\""));
    Ok(all(view, &found).map(|(span, _)| Edit { span, text: text.clone() }).collect())
}

fn check_list_name(view: &View<'_>, new: &str) -> Result<(), String> {
    if is_keyword(new) {
        return Err(format!("`{new}` is a keyword"));
    }
    if !is_name(new) {
        return Err("a name starts with a letter a-z, and goes on with a-z, 0-9, `_` and `-`".to_owned());
    }
    let holds = |names: &[String]| names.iter().any(|name| name == new);
    if holds(&view.declared.stores) || holds(&view.declared.warehouses) || list_names(view).contains(new) {
        return Err(format!("`{new}` is taken"));
    }
    Ok(())
}

/// Where a name stands, and whether it is declared there.
fn all<'v>(view: &'v View<'_>, wanted: &'v Occurrence) -> impl Iterator<Item = (Span, bool)> + 'v {
    let found = view.files.iter().flat_map(move |(file, _)| occurrences(view, *file));
    let same = move |found: &Occurrence| found.kind == wanted.kind && found.name == wanted.name;
    found.filter(same).map(|found| (found.span, found.declares))
}

/// Where a warehouse is named in the list of the configuration. The configuration keeps no places of them, so the text is searched: the list
/// comes under its key, and names of warehouses are plain words.
fn warehouse(view: &View<'_>, name: &str) -> Option<Span> {
    let (file, source) = view.sources.iter().next()?;
    let text = source.text();
    let start = text.find("warehouses:")? + "warehouses:".len();
    let rest = text.get(start..)?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let whole = |at: usize| {
        let before = rest.get(..at).and_then(|text| text.chars().next_back());
        let behind = rest.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_part) && !behind.is_some_and(is_part)
    };
    let at = rest.match_indices(name).map(|(at, _)| at).find(|&at| whole(at))?;
    let at = (start + at) as u32;
    Some(Span::new(file, at, at + name.len() as u32))
}
