//! The lists of a program: which names which, and what each holds.

use super::scope::{Found, Meaning, NameId, Scope};
use super::terms::{ListForm, ListItem, ListItemKind, list_form};
use super::words::bad_name;
use crate::diagnostic::{Diagnostic, codes};
use crate::hash::HashMap;
use crate::pattern::{Pattern, SkuSet};
use crate::source::Span;
use crate::syntax::ast::Let;
use std::sync::Arc;

/// A list of the program, by its place among them.
pub(super) type ListId = usize;

/// What a list holds.
#[derive(Clone, Debug)]
pub(super) enum Holding {
    /// Not known, and said already.
    Faulty,
    /// SKUs, without an `except`: stands for its pieces.
    Skus(Vec<Piece>),
    /// SKUs, less some.
    SkusExcept(Nested),
    /// Declared names.
    Names(Vec<NameId>),
}

#[derive(Clone, Debug)]
pub(super) enum Piece {
    Pattern(Pattern),
    List(ListId),
}

/// A list with exceptions, shared by all who name it.
#[derive(Clone, Debug)]
pub(super) struct Nested {
    pub(super) set: Arc<SkuSet>,
    /// How many items it has when everything is written out.
    pub(super) weight: usize,
    /// How many lists with exceptions lie within each other.
    pub(super) depth: usize,
}

/// A `let` before what it names is known.
pub(super) struct ListDraft<'a> {
    pub(super) name: &'a str,
    pub(super) name_span: Span,
    pub(super) form: ListForm<'a>,
    pub(super) names: Vec<(ListId, Span)>,
    pub(super) faulty: bool,
}

/// Takes in every `let`, with the names of those that could not be read: faults of names, and what names what.
pub(super) fn draft<'a>(
    lets: &[&'a Let],
    ids: &HashMap<&'a str, ListId>,
    scope: &Scope<'a>,
    out: &mut Vec<Diagnostic>,
) -> Vec<ListDraft<'a>> {
    let mut drafts = Vec::with_capacity(lets.len());
    for item in lets {
        let mut form = list_form(item.name.span, &item.value, out);
        if let Some(span) = form.all {
            form.faulty = true;
            let found = super::terms::syntax(span, "`all` cannot stand in a `let`");
            out.push(found.with_help("write `all` in the field itself"));
        }
        let names = references(&form, ids);
        let bad = bad_name("list", &item.name.text, Some(item.name.span));
        let collides = scope.declared_name(&item.name.text).map(|what| {
            let message = format!("list `{}` has the name of a {what}", item.name.text);
            let help = "give the list another name";
            Diagnostic::new(&codes::NAME_COLLISION, item.name.span, message).with_help(help)
        });
        let faulty = form.faulty || bad.is_some() || collides.is_some();
        out.extend(bad.or(collides));
        drafts.push(ListDraft { name: &item.name.text, name_span: item.name.span, form, names, faulty });
    }
    drafts
}

fn references(form: &ListForm<'_>, ids: &HashMap<&str, ListId>) -> Vec<(ListId, Span)> {
    let named = |item: &ListItem<'_>| match item.kind {
        ListItemKind::Name(name) => ids.get(name).map(|&id| (id, item.span)),
        ListItemKind::Text(_) => None,
    };
    form.items.iter().chain(&form.except).filter_map(named).collect()
}

/// What a list holds, given what the lists that it names hold.
pub(super) fn hold(scope: &Scope<'_>, draft: &ListDraft<'_>, out: &mut Vec<Diagnostic>) -> Holding {
    let mut reader = Reader { scope, kind: None, faulty: draft.faulty, out };
    let items: Vec<Found> = draft.form.items.iter().filter_map(|item| reader.find(item)).collect();
    let except: Vec<Found> = draft.form.except.iter().filter_map(|item| reader.find(item)).collect();
    let (kind, faulty) = (reader.kind, reader.faulty);
    if faulty {
        return Holding::Faulty;
    }
    match kind {
        Some((Kind::Skus, _)) => hold_skus(scope, draft, &items, &except, out),
        Some((Kind::Names, _)) => hold_names(scope, draft, &items, &except, out),
        None => Holding::Faulty,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Skus,
    Names,
}

/// Looks the items of one list up, and sees that they are of one kind.
struct Reader<'s, 'a> {
    scope: &'s Scope<'a>,
    kind: Option<(Kind, Span)>,
    faulty: bool,
    out: &'s mut Vec<Diagnostic>,
}

impl Reader<'_, '_> {
    fn find(&mut self, item: &ListItem<'_>) -> Option<Found> {
        let (kind, found) = match item.kind {
            ListItemKind::Text(raw) => (Kind::Skus, self.pattern(raw, item.span)?),
            ListItemKind::Name(name) => self.name(name, item.span)?,
        };
        match self.kind {
            Some((first, place)) if first != kind => {
                if !self.faulty {
                    self.out.push(mixed(item.span, place));
                }
                self.faulty = true;
                None
            }
            _ => {
                self.kind.get_or_insert((kind, item.span));
                Some(found)
            }
        }
    }

    fn pattern(&mut self, raw: &str, span: Span) -> Option<Found> {
        match self.scope.pattern(raw, span) {
            Ok(pattern) => Some(Found::Pattern(pattern)),
            Err(found) => {
                self.faulty = true;
                self.out.push(found);
                None
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Option<(Kind, Found)> {
        match self.scope.meaning(name) {
            Meaning::Declared(id) => Some((Kind::Names, Found::Name(id))),
            Meaning::List(id) => match self.scope.holding(id) {
                Holding::Names(_) => Some((Kind::Names, Found::List(id))),
                Holding::Skus(_) | Holding::SkusExcept(_) => Some((Kind::Skus, Found::List(id))),
                Holding::Faulty => {
                    self.faulty = true;
                    None
                }
            },
            Meaning::Unknown => {
                self.faulty = true;
                let message = format!("`{name}` is neither a list nor a declared store or warehouse");
                let found = Diagnostic::new(&codes::UNKNOWN_LIST, span, message);
                let what = "lists, stores and warehouses";
                self.out.push(self.scope.suggest(found, name, || self.scope.every_name(), what));
                None
            }
        }
    }
}

fn mixed(span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&codes::MIXED_LIST, span, "SKUs and names stand in one list".to_owned())
        .with_related(first, "the list begins with the other kind here")
        .with_help("make two lists of it: one of SKUs in quotes, one of stores or warehouses")
}

fn hold_skus(
    scope: &Scope<'_>,
    draft: &ListDraft<'_>,
    items: &[Found],
    except: &[Found],
    out: &mut Vec<Diagnostic>,
) -> Holding {
    let pieces: Vec<Piece> = items.iter().filter_map(Found::piece).collect();
    if except.is_empty() {
        return Holding::Skus(pieces);
    }
    let except: Vec<Piece> = except.iter().filter_map(Found::piece).collect();
    match scope.nest(&pieces, &except) {
        Ok(nested) => Holding::SkusExcept(nested),
        Err(too_large) => {
            out.push(too_large.at(draft.name_span, &format!("list `{}`", draft.name)));
            Holding::Faulty
        }
    }
}

fn hold_names(
    scope: &Scope<'_>,
    draft: &ListDraft<'_>,
    items: &[Found],
    except: &[Found],
    out: &mut Vec<Diagnostic>,
) -> Holding {
    let names = scope.names_of(items, except);
    if names.is_empty() {
        let message = format!("list `{}` holds nothing", draft.name);
        let found = Diagnostic::new(&codes::EMPTY_LIST, draft.form.span, message);
        out.push(found.with_help("its exceptions take every item away"));
        return Holding::Faulty;
    }
    Holding::Names(names)
}
