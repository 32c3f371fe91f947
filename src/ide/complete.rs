//! What may be written at a place.

use super::View;
use super::context::{Context, place};
use super::occurrences::list_names;
use crate::catalog::SkuId;
use crate::check::FIELDS;
use crate::source::{FileId, Span};

/// SKUs offered at once; more than nobody reads.
const SKUS_MAX: usize = 100;

/// What is offered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompletionKind {
    /// A word of the language.
    Keyword,
    /// A field of a rule or block.
    Field,
    /// A list.
    List,
    /// A store.
    Store,
    /// A warehouse.
    Warehouse,
    /// A SKU of the catalog.
    Sku,
}

/// One thing that may be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// As it is shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// How it goes on, or what it holds.
    pub detail: String,
    /// What is written.
    pub text: String,
    /// In place of what.
    pub span: Span,
}

/// What may be written at a place, and whether there is more than is offered.
pub fn complete(view: &View<'_>, file: FileId, offset: u32) -> (Vec<Completion>, bool) {
    let Some(place) = place(file, view.sources.get(file).text(), offset) else { return (Vec::new(), false) };
    let mut offer =
        Offer { span: Span::new(file, place.start, offset), typed: place.typed, found: Vec::new() };
    if place.in_string {
        let more = match &place.context {
            Context::Value(_) | Context::Let | Context::Table(_) | Context::Rule(_) => offer.skus(view),
            _ => false,
        };
        return (offer.found, more);
    }
    match place.context {
        Context::Top => offer.items(),
        Context::Let => {
            offer.lists(view);
            offer.stores(view);
            offer.warehouses(view);
            offer.words(&["except"]);
        }
        Context::Rule(present) => offer.fields(&present, false),
        Context::Block(present) => offer.fields(&present, true),
        Context::Value(key) => offer.value(view, &key),
        Context::Test => offer.words(&["at", "stock", "bundle", "expect"]),
        Context::Table(key) if key == "stock" => offer.warehouses(view),
        Context::Table(key) if key == "expect" => {
            offer.stores(view);
            offer.words(&["none"]);
        }
        Context::Table(_) | Context::Nothing => {}
    }
    (offer.found, false)
}

struct Offer<'t> {
    span: Span,
    typed: &'t str,
    found: Vec<Completion>,
}

impl Offer<'_> {
    fn add(&mut self, label: &str, kind: CompletionKind, detail: &str, text: String) {
        // Editors filter too; what cannot be meant is not sent to them.
        if label.to_lowercase().contains(&self.typed.to_lowercase()) {
            let (label, detail) = (label.to_owned(), detail.to_owned());
            self.found.push(Completion { label, kind, detail, text, span: self.span });
        }
    }

    fn words(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.add(word, CompletionKind::Keyword, "", (*word).to_owned()));
    }

    fn items(&mut self) {
        for (word, detail) in
            [("rule", "rule \"NAME\" { … }"), ("let", "let NAME = LIST"), ("test", "test \"NAME\" { … }")]
        {
            self.add(word, CompletionKind::Keyword, detail, word.to_owned());
        }
    }

    fn fields(&mut self, present: &[String], in_store: bool) {
        let is_free = |key: &str, repeats: bool| repeats || !present.iter().any(|one| one == key);
        for field in
            FIELDS.iter().filter(|field| (!in_store || field.in_store) && is_free(field.key, field.repeats))
        {
            let needed = if field.needed { ", needed" } else { "" };
            self.add(
                field.key,
                CompletionKind::Field,
                &format!("{}{needed}", field.form),
                format!("{} ", field.key),
            );
        }
    }

    fn value(&mut self, view: &View<'_>, key: &str) {
        match key {
            "skus" => {
                self.lists(view);
                self.words(&["all", "except"]);
            }
            "warehouses" => {
                self.warehouses(view);
                self.lists(view);
                self.words(&["all", "except"]);
            }
            "stores" => {
                self.stores(view);
                self.lists(view);
                self.words(&["all", "except"]);
            }
            "store" | "split" => self.stores(view),
            "priority" => {
                self.stores(view);
                self.words(&["store", "below"]);
            }
            "active" => self.words(&["from", "until"]),
            "round" => self.words(&["down", "nearest", "up"]),
            _ => {}
        }
    }

    fn lists(&mut self, view: &View<'_>) {
        let mut names: Vec<&str> = list_names(view).into_iter().collect();
        names.sort_unstable();
        names.into_iter().for_each(|name| self.add(name, CompletionKind::List, "list", name.to_owned()));
    }

    fn stores(&mut self, view: &View<'_>) {
        for store in &view.config.stores {
            self.add(
                &store.name,
                CompletionKind::Store,
                &format!("store, {}", store.connector),
                store.name.clone(),
            );
        }
    }

    fn warehouses(&mut self, view: &View<'_>) {
        for name in &view.declared.warehouses {
            self.add(name, CompletionKind::Warehouse, "warehouse", name.clone());
        }
    }

    /// SKUs that begin with what was typed; whether there are more.
    fn skus(&mut self, view: &View<'_>) -> bool {
        let Some(catalog) = view.catalog else { return false };
        let typed = self.typed.replace('\\', "");
        let all = (0..catalog.sku_count() as u32).map(|sku| catalog.sku(SkuId(sku)));
        let mut fitting = all.filter(|sku| sku.starts_with(&typed));
        for sku in fitting.by_ref().take(SKUS_MAX) {
            let text = escaped(sku);
            let (label, detail) = (sku.to_owned(), "SKU".to_owned());
            self.found.push(Completion { label, kind: CompletionKind::Sku, detail, text, span: self.span });
        }
        fitting.next().is_some()
    }
}

/// A SKU between quotes, where some characters would mean more than themselves.
fn escaped(sku: &str) -> String {
    let mut text = String::with_capacity(sku.len());
    for c in sku.chars() {
        if matches!(c, '"' | '\\' | '*' | '?') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
