//! The lists of rule fields, looked up.

use super::lists::{Holding, Piece};
use super::scope::{Found, Meaning, NameKind, Scope};
use super::terms::{ListForm, ListItem, ListItemKind, said, syntax};
use crate::diagnostic::{Diagnostic, Edit, Fix, codes};
use crate::pattern::{Pattern, SkuSet, SkuTerm};
use crate::rules::Named;
use crate::source::Span;
use crate::syntax::ast::{Term, TermKind};

impl NameKind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            NameKind::Warehouse => "warehouse",
            NameKind::Store => "store",
        }
    }

    fn nouns(self) -> &'static str {
        match self {
            NameKind::Warehouse => "warehouses",
            NameKind::Store => "stores",
        }
    }

    fn unknown(self, span: Span, message: String) -> Diagnostic {
        let code = if self == NameKind::Store { &codes::UNKNOWN_STORE } else { &codes::UNKNOWN_WAREHOUSE };
        Diagnostic::new(code, span, message)
    }
}

impl Scope<'_> {
    /// The SKUs that a rule takes, nothing where an item is faulty; and the patterns that stand in the list itself, each with its place.
    pub(super) fn skus(
        &self,
        form: &ListForm<'_>,
        out: &mut Vec<Diagnostic>,
    ) -> (Option<SkuSet>, Vec<(Span, Pattern)>) {
        let said_before = out.len();
        let mut faulty = form.faulty;
        let mut patterns = Vec::with_capacity(form.items.len() + form.except.len());
        let mut look_up = |items: &[ListItem<'_>]| -> Vec<Piece> {
            let mut pieces = Vec::with_capacity(items.len());
            for item in items {
                let piece = self.sku_item(item, out);
                faulty |= piece.is_none();
                if let Some(Piece::Pattern(pattern)) = &piece {
                    patterns.push((item.span, pattern.clone()));
                }
                pieces.extend(piece);
            }
            pieces
        };
        let (items, except) = (look_up(&form.items), look_up(&form.except));
        if faulty || out.len() > said_before {
            return (None, patterns);
        }
        match self.write_out_both(&items, &except) {
            Ok((mut set, ..)) => {
                if form.all.is_some() {
                    set.terms.push(SkuTerm::All);
                }
                (Some(set), patterns)
            }
            Err(too_large) => {
                out.push(too_large.at(form.span, "this list"));
                (None, patterns)
            }
        }
    }

    fn sku_item(&self, item: &ListItem<'_>, out: &mut Vec<Diagnostic>) -> Option<Piece> {
        let name = match item.kind {
            ListItemKind::Text(raw) => {
                return self
                    .pattern(raw, item.span)
                    .map(Piece::Pattern)
                    .map_err(|found| out.push(found))
                    .ok();
            }
            ListItemKind::Name(name) => name,
        };
        let message = match self.meaning(name) {
            Meaning::List(id) => match self.holding(id) {
                Holding::Skus(_) | Holding::SkusExcept(_) => return Some(Piece::List(id)),
                Holding::Faulty => return None,
                Holding::Names(_) => format!("list `{name}` holds names, and SKUs belong here"),
            },
            Meaning::Declared(_) => {
                let what = self.declared_name(name).unwrap_or("name");
                format!("`{name}` is a {what}, and SKUs belong here")
            }
            Meaning::Unknown => {
                let found =
                    Diagnostic::new(&codes::UNKNOWN_LIST, item.span, format!("there is no list `{name}`"));
                let found = self.suggest(found, name, || self.list_names(), "lists");
                out.push(found);
                return None;
            }
        };
        let found = Diagnostic::new(&codes::MIXED_LIST, item.span, message);
        out.push(found.with_help("write SKUs in double quotes, or name a list of SKUs"));
        None
    }

    /// The stores or warehouses of a field in their order, each once, and how they were named.
    pub(super) fn ids(
        &self,
        kind: NameKind,
        form: &ListForm<'_>,
        out: &mut Vec<Diagnostic>,
    ) -> Option<(Vec<u16>, Named<u16>)> {
        let mut faulty = form.faulty;
        let mut look_up = |items: &[ListItem<'_>]| -> Vec<Found> {
            let mut all = Vec::with_capacity(items.len());
            for item in items {
                let found = self.name_item(kind, item, out);
                faulty |= found.is_none();
                all.extend(found);
            }
            all
        };
        let (items, except) = (look_up(&form.items), look_up(&form.except));
        if faulty {
            return None;
        }
        let index = |found: &[Found], less: &[Found]| -> Vec<u16> {
            self.names_of(found, less).into_iter().filter_map(|id| self.index(id, kind)).collect()
        };
        let (ids, named) = if form.all.is_some() {
            let mut gone = index(&except, &[]);
            gone.sort_unstable();
            let count = self.count(kind);
            ((0..count).filter(|id| gone.binary_search(id).is_err()).collect(), Named::AllExcept(gone))
        } else {
            (index(&items, &except), Named::Listed)
        };
        if ids.is_empty() {
            let message = format!("no {} is left in this list", kind.noun());
            let help =
                if form.except.is_empty() { "declare one" } else { "its exceptions take every one away" };
            out.push(Diagnostic::new(&codes::EMPTY_LIST, form.span, message).with_help(help));
            return None;
        }
        Some((ids, named))
    }

    fn count(&self, kind: NameKind) -> u16 {
        let names = match kind {
            NameKind::Warehouse => &self.declared.warehouses,
            NameKind::Store => &self.declared.stores,
        };
        u16::try_from(names.len()).unwrap_or(u16::MAX)
    }

    fn name_item(&self, kind: NameKind, item: &ListItem<'_>, out: &mut Vec<Diagnostic>) -> Option<Found> {
        let name = match item.kind {
            ListItemKind::Name(name) => name,
            ListItemKind::Text(raw) => {
                out.push(self.quoted(kind, raw, item.span));
                return None;
            }
        };
        let Meaning::List(id) = self.meaning(name) else {
            return self.declared_id(kind, name, item.span, out).map(Found::Name);
        };
        match self.holding(id) {
            Holding::Faulty => None,
            Holding::Skus(_) | Holding::SkusExcept(_) => {
                let message = format!("list `{name}` holds SKUs, and {} belong here", kind.nouns());
                let help = format!("name {} or a list of them", kind.nouns());
                out.push(Diagnostic::new(&codes::MIXED_LIST, item.span, message).with_help(help));
                None
            }
            Holding::Names(names) => match names.iter().find(|&&id| self.index(id, kind).is_none()) {
                None => Some(Found::List(id)),
                Some(&wrong) => {
                    let wrong = self.name_text(wrong);
                    let message = format!("list `{name}` holds `{wrong}`, which is no {}", kind.noun());
                    let found = kind.unknown(item.span, message);
                    out.push(self.suggest(found, "", || self.names_for(kind), kind.nouns()));
                    None
                }
            },
        }
    }

    fn quoted(&self, kind: NameKind, raw: &str, span: Span) -> Diagnostic {
        let message = format!("`\"{raw}\"` is a string, and {} belong here", kind.nouns());
        let found = Diagnostic::new(&codes::MIXED_LIST, span, message);
        if !self.is_of_kind(kind, raw) {
            return found.with_help(format!("{} are named without quotes", kind.nouns()));
        }
        let edits = vec![Edit { span, text: raw.to_owned() }];
        found.with_help("take the quotes away").with_fix(Fix {
            safe: false,
            message: "take the quotes away".to_owned(),
            edits,
        })
    }

    /// One declared name of a kind.
    fn declared_id(
        &self,
        kind: NameKind,
        name: &str,
        span: Span,
        out: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        let message = match self.meaning(name) {
            Meaning::Declared(id) if self.index(id, kind).is_some() => return Some(id),
            Meaning::Declared(_) => {
                let what = self.declared_name(name).unwrap_or("name");
                format!("`{name}` is a {what}, not a {}", kind.noun())
            }
            _ => format!("there is no {} `{name}`", kind.noun()),
        };
        let found = kind.unknown(span, message);
        out.push(self.suggest(found, name, || self.names_for(kind), kind.nouns()));
        None
    }

    /// One store or warehouse where a list cannot stand.
    pub(super) fn one(&self, kind: NameKind, term: &Term) -> Result<Option<u16>, Diagnostic> {
        let name = match &term.kind {
            TermKind::Word(name) => name,
            TermKind::Text(raw) => return Err(self.quoted(kind, raw, term.span)),
            _ => {
                return Err(syntax(
                    term.span,
                    format!("{} is not the name of a {}", said(term), kind.noun()),
                ));
            }
        };
        if let Meaning::List(id) = self.meaning(name) {
            if self.declared_name(name).is_some() || matches!(self.holding(id), Holding::Faulty) {
                return Ok(None);
            }
            let found = kind.unknown(term.span, format!("`{name}` is a list, not a {}", kind.noun()));
            return Err(found.with_help(format!("name one {}", kind.noun())));
        }
        let mut out = Vec::new();
        let id = self.declared_id(kind, name, term.span, &mut out);
        match out.pop() {
            Some(found) => Err(found),
            None => Ok(id.and_then(|id| self.index(id, kind))),
        }
    }

    /// The patterns that stand in a list itself, each with its place.
    pub(super) fn own_patterns(&self, form: &ListForm<'_>) -> Vec<(Span, Pattern)> {
        let pattern = |item: &ListItem<'_>| match item.kind {
            ListItemKind::Text(raw) => Pattern::parse(raw).ok().map(|pattern| (item.span, pattern)),
            ListItemKind::Name(_) => None,
        };
        form.items.iter().chain(&form.except).filter_map(pattern).collect()
    }
}
