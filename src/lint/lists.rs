//! The lists of the rule files, item by item, with what each item stands for.

use super::Context;
use crate::check::is_keyword;
use crate::hash::{HashMap, HashSet};
use crate::pattern::{Pattern, SkuSet, SkuTerm};
use crate::source::Span;
use crate::syntax::ast::{Broken, File, Item, Let, Term, TermKind};
use std::sync::Arc;

/// A list whose items are all known.
pub(super) struct List<'a> {
    /// What it is written of.
    pub terms: &'a [Term],
    /// Whether it begins with `all`.
    pub all: bool,
    /// Whether the order of its names counts.
    pub ordered: bool,
    pub items: Vec<ListItem<'a>>,
    pub except: Vec<ListItem<'a>>,
}

/// An item of a list.
pub(super) struct ListItem<'a> {
    pub span: Span,
    pub kind: Kind<'a>,
}

/// What an item stands for.
#[derive(Clone)]
pub(super) enum Kind<'a> {
    /// One pattern, as written and as it is meant.
    Pattern(&'a str, Pattern),
    /// The SKUs of a list.
    Skus(&'a str, Arc<SkuSet>),
    /// The declared names of a list, or one of them.
    Names(&'a str, Arc<Vec<&'a str>>),
}

impl ListItem<'_> {
    /// As a person would name it.
    pub(super) fn said(&self) -> String {
        match &self.kind {
            Kind::Pattern(raw, _) => format!("\"{raw}\""),
            Kind::Skus(name, _) | Kind::Names(name, _) => (*name).to_owned(),
        }
    }
}

/// Every list of the files whose items are all known, in the order of the text.
pub(super) fn lists<'a>(context: &Context<'a>) -> Vec<List<'a>> {
    let lets = Lets::new(context);
    let items = context.files.iter().flat_map(|(_, file)| &file.items);
    let mut lists = Vec::new();
    for item in items {
        match item {
            Item::Let(list) => lists.extend(lets.read(&list.value, "let")),
            Item::Rule(rule) => {
                lists.extend(rule.fields.iter().filter_map(|field| lets.read(&field.value, &field.key.text)));
            }
            Item::Test(_) => {}
        }
    }
    lists
}

/// Every name, with what it stands for.
struct Lets<'a> {
    warehouses: HashSet<&'a str>,
    stores: HashSet<&'a str>,
    known: HashMap<&'a str, Kind<'a>>,
}

impl<'a> Lets<'a> {
    fn new(context: &Context<'a>) -> Self {
        let names = |names: &'a [String]| names.iter().map(String::as_str).collect();
        let mut new = Self {
            warehouses: names(&context.declared.warehouses),
            stores: names(&context.declared.stores),
            known: HashMap::default(),
        };
        let mut lets: HashMap<&'a str, &'a Let> = HashMap::default();
        let mut unsound: HashSet<&'a str> = HashSet::default();
        for (_, file) in context.files {
            unsound.extend(broken_lists(file));
            for item in &file.items {
                if let Some(list) = item.as_let()
                    && lets.insert(&list.name.text, list).is_some()
                {
                    unsound.insert(&list.name.text);
                }
            }
        }
        lets.retain(|name, _| !unsound.contains(name) && !new.is_declared(name));
        for name in &new.stores | &new.warehouses {
            if !unsound.contains(name) {
                new.known.insert(name, Kind::Names(name, Arc::new(vec![name])));
            }
        }
        new.settle(&lets);
        new
    }

    fn is_declared(&self, name: &str) -> bool {
        self.warehouses.contains(name) || self.stores.contains(name)
    }

    /// Reads every list once all that it names are known; those of a circle never are.
    fn settle(&mut self, lets: &HashMap<&'a str, &'a Let>) {
        let mut waiting: HashMap<&str, Vec<&'a str>> = HashMap::default();
        let mut missing: HashMap<&str, usize> = HashMap::default();
        for (name, list) in lets {
            let named: HashSet<&str> =
                list.value.iter().filter_map(Term::word).filter(|w| lets.contains_key(w)).collect();
            missing.insert(name, named.len());
            named.into_iter().for_each(|other| waiting.entry(other).or_default().push(name));
        }
        let mut ready: Vec<&'a str> =
            lets.keys().filter(|name| missing.get(**name) == Some(&0)).copied().collect();
        while let Some(name) = ready.pop() {
            if let Some(list) = lets.get(name).and_then(|list| self.read(&list.value, "let"))
                && let Some(kind) = list.stands_for(name)
            {
                self.known.insert(name, kind);
            }
            for other in waiting.remove(name).unwrap_or_default() {
                let left = missing.entry(other).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(other);
                }
            }
        }
    }

    /// The list that is written in a field, if that takes one, or in a `let`; nothing where an item is not known.
    fn read(&self, terms: &'a [Term], field: &str) -> Option<List<'a>> {
        let wants_skus = match field {
            "skus" => Some(true),
            "warehouses" | "stores" => Some(false),
            "let" => None,
            _ => return None,
        };
        // About every other term is a comma.
        let mut items = Vec::with_capacity(terms.len() / 2 + 1);
        let (mut except, mut all, mut behind) = (Vec::new(), false, false);
        for term in terms {
            match &term.kind {
                TermKind::Comma => {}
                TermKind::Word(name) if name == "all" => all = true,
                TermKind::Word(name) if name == "except" => behind = true,
                _ => {
                    let item = ListItem { span: term.span, kind: self.kind(term)? };
                    if behind { &mut except } else { &mut items }.push(item);
                }
            }
        }
        let skus = items.iter().chain(&except).filter(|item| !matches!(item.kind, Kind::Names(..))).count();
        let is_whole = skus == 0 || skus == items.len() + except.len();
        let fits = wants_skus.is_none_or(|wants| wants == (skus > 0) || items.len() + except.len() == 0);
        let shape = if all { items.is_empty() } else { !items.is_empty() };
        let mut list = List { terms, all, ordered: field == "warehouses", items, except };
        list.ordered |= field == "let" && list.names().any(|name| self.warehouses.contains(name));
        (is_whole && fits && shape && !list.is_empty()).then_some(list)
    }

    fn kind(&self, term: &'a Term) -> Option<Kind<'a>> {
        match &term.kind {
            TermKind::Text(raw) => Some(Kind::Pattern(raw, Pattern::parse(raw).ok()?)),
            TermKind::Word(name) if !is_keyword(name) => self.known.get(name.as_str()).cloned(),
            _ => None,
        }
    }
}

impl<'a> List<'a> {
    fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.items.iter().flat_map(|item| item.names()).copied()
    }

    /// Whether it is a list of names, and its exceptions take every one away.
    fn is_empty(&self) -> bool {
        self.names().next().is_some() && !self.except.is_empty() && self.stands_for("").is_none()
    }

    fn stands_for(&self, name: &'a str) -> Option<Kind<'a>> {
        if self.names().next().is_none() {
            return Some(Kind::Skus(name, Arc::new(sku_set(&self.items, &self.except))));
        }
        let gone: HashSet<&str> = self.except.iter().flat_map(|item| item.names()).copied().collect();
        let mut seen = HashSet::default();
        let names: Vec<&str> =
            self.names().filter(|name| !gone.contains(name) && seen.insert(*name)).collect();
        (!names.is_empty()).then(|| Kind::Names(name, Arc::new(names)))
    }
}

impl<'a> ListItem<'a> {
    /// The declared names that it stands for.
    pub(super) fn names(&self) -> &[&'a str] {
        match &self.kind {
            Kind::Names(_, names) => names,
            Kind::Pattern(..) | Kind::Skus(..) => &[],
        }
    }

    /// The SKUs that it stands for.
    pub(super) fn sku_term(&self) -> Option<SkuTerm> {
        match &self.kind {
            Kind::Pattern(_, pattern) => Some(SkuTerm::Pattern(pattern.clone())),
            Kind::Skus(_, set) => Some(SkuTerm::Set(Arc::clone(set))),
            Kind::Names(..) => None,
        }
    }
}

/// The SKUs of items, less those of exceptions.
pub(super) fn sku_set(items: &[ListItem<'_>], except: &[ListItem<'_>]) -> SkuSet {
    let terms = |items: &[ListItem<'_>]| items.iter().filter_map(ListItem::sku_term).collect();
    SkuSet { terms: terms(items), except: terms(except) }
}

fn broken_lists(file: &File) -> impl Iterator<Item = &str> {
    file.broken.iter().filter_map(|broken| match broken {
        Broken::List(name) => Some(name.text.as_str()),
        Broken::Rule(_) | Broken::Test(_) => None,
    })
}
