//! What every name of a program means, and SKU lists written out.

use super::budget::Budget;
use super::lists::{Holding, ListId, Nested, Piece};
use super::terms::syntax;
use super::words::suggest;
use crate::diagnostic::Diagnostic;
use crate::hash::{HashMap, HashSet};
use crate::pattern::{Pattern, SkuSet, SkuTerm};
use crate::rules::Declared;
use crate::source::Span;
use std::sync::Arc;

/// The most items that all lists and rules of a project may have when every list is written out where it is named.
const ITEMS_MAX: usize = 2_000_000;
/// How many names may be compared with wrong ones, all in all; what is found after that comes without a suggestion.
const COMPARED_MAX: usize = 500_000;
/// The most lists with exceptions that may lie within each other.
const EXCEPT_DEPTH_MAX: usize = 100;

/// So few names are soon compared with each other.
const FEW: usize = 16;

/// A declared name, by its place in [`Scope`].
pub(super) type NameId = usize;

struct DeclaredName<'a> {
    text: &'a str,
    warehouse: Option<u16>,
    store: Option<u16>,
}

/// Which of the declared names a field takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    Warehouse,
    Store,
}

/// What an unquoted word stands for.
pub(super) enum Meaning {
    Declared(NameId),
    List(ListId),
    Unknown,
}

/// An item that was looked up.
pub(super) enum Found {
    Pattern(Pattern),
    Name(NameId),
    List(ListId),
}

impl Found {
    pub(super) fn piece(&self) -> Option<Piece> {
        match self {
            Found::Pattern(pattern) => Some(Piece::Pattern(pattern.clone())),
            Found::List(id) => Some(Piece::List(*id)),
            Found::Name(_) => None,
        }
    }
}

/// More items than can be written out.
pub(super) enum TooLarge {
    Items,
    Depth,
}

impl TooLarge {
    pub(super) fn at(self, span: Span, what: &str) -> Diagnostic {
        match self {
            TooLarge::Items => {
                syntax(span, format!("{what} takes the project over {ITEMS_MAX} items, written out"))
                    .with_help("name large lists in fewer places, or use patterns")
            }
            TooLarge::Depth => {
                let message =
                    format!("{what} lies within more than {EXCEPT_DEPTH_MAX} lists that have an `except`");
                syntax(span, message).with_help("put the exceptions of several lists into one")
            }
        }
    }
}

/// Every name of a program.
pub(super) struct Scope<'a> {
    pub(super) declared: &'a Declared,
    names: Vec<DeclaredName<'a>>,
    name_ids: HashMap<&'a str, NameId>,
    list_ids: HashMap<&'a str, ListId>,
    list_names: Vec<&'a str>,
    holdings: Vec<Holding>,
    items: Budget,
    compared: Budget,
}

impl<'a> Scope<'a> {
    pub(super) fn new(declared: &'a Declared) -> Self {
        let mut scope = Self {
            declared,
            names: Vec::new(),
            name_ids: HashMap::default(),
            list_ids: HashMap::default(),
            list_names: Vec::new(),
            holdings: Vec::new(),
            items: Budget::new(ITEMS_MAX),
            compared: Budget::new(COMPARED_MAX),
        };
        for (index, text) in declared.warehouses.iter().enumerate() {
            scope.declare(text, u16::try_from(index).ok(), None);
        }
        for (index, text) in declared.stores.iter().enumerate() {
            scope.declare(text, None, u16::try_from(index).ok());
        }
        scope
    }

    fn declare(&mut self, text: &'a str, warehouse: Option<u16>, store: Option<u16>) {
        let id = *self.name_ids.entry(text).or_insert(self.names.len());
        if id == self.names.len() {
            self.names.push(DeclaredName { text, warehouse: None, store: None });
        }
        if let Some(name) = self.names.get_mut(id) {
            name.warehouse = name.warehouse.or(warehouse);
            name.store = name.store.or(store);
        }
    }

    /// Takes in the names of the lists; what they hold is not known yet.
    pub(super) fn name_lists(&mut self, ids: HashMap<&'a str, ListId>, names: Vec<&'a str>) {
        self.holdings = vec![Holding::Faulty; names.len()];
        self.list_ids = ids;
        self.list_names = names;
    }

    pub(super) fn set_holding(&mut self, id: ListId, holding: Holding) {
        if let Some(slot) = self.holdings.get_mut(id) {
            *slot = holding;
        }
    }

    pub(super) fn holding(&self, id: ListId) -> &Holding {
        self.holdings.get(id).unwrap_or(&Holding::Faulty)
    }

    /// A list goes before a declared name: where both exist, the list is faulty, and so nothing follows from it.
    pub(super) fn meaning(&self, name: &str) -> Meaning {
        if let Some(&id) = self.list_ids.get(name) {
            return Meaning::List(id);
        }
        self.name_ids.get(name).map_or(Meaning::Unknown, |&id| Meaning::Declared(id))
    }

    /// `store` or `warehouse`, if the name is declared.
    pub(super) fn declared_name(&self, name: &str) -> Option<&'static str> {
        let id = *self.name_ids.get(name)?;
        Some(if self.names.get(id)?.store.is_some() { "store" } else { "warehouse" })
    }

    /// The place of a declared name among its kind.
    pub(super) fn index(&self, id: NameId, kind: NameKind) -> Option<u16> {
        let name = self.names.get(id)?;
        match kind {
            NameKind::Warehouse => name.warehouse,
            NameKind::Store => name.store,
        }
    }

    pub(super) fn name_text(&self, id: NameId) -> &'a str {
        self.names.get(id).map_or("", |name| name.text)
    }

    /// The finding with the nearest of some names as help, as long as not too many were compared before.
    pub(super) fn suggest<'n>(
        &self,
        found: Diagnostic,
        wrong: &str,
        known: impl FnOnce() -> Vec<&'n str>,
        what: &str,
    ) -> Diagnostic {
        let most = self.names.len() + self.list_names.len();
        if self.compared.take(most) { suggest(found, wrong, &known(), what) } else { found }
    }

    pub(super) fn every_name(&self) -> Vec<&'a str> {
        let declared = self.names.iter().map(|name| name.text);
        self.list_names.iter().copied().chain(declared).collect()
    }

    pub(super) fn list_names(&self) -> Vec<&'a str> {
        self.list_names.clone()
    }

    /// Whether a name stands for something of one kind.
    pub(super) fn is_of_kind(&self, kind: NameKind, name: &str) -> bool {
        match self.meaning(name) {
            Meaning::Declared(id) => self.index(id, kind).is_some(),
            Meaning::List(id) => matches!(self.holding(id), Holding::Names(_)),
            Meaning::Unknown => false,
        }
    }

    /// The declared names of one kind, and the lists of names.
    pub(super) fn names_for(&self, kind: NameKind) -> Vec<&'a str> {
        let declared = match kind {
            NameKind::Warehouse => &self.declared.warehouses,
            NameKind::Store => &self.declared.stores,
        };
        let lists = self.list_names.iter().zip(&self.holdings);
        let of_names =
            lists.filter(|(_, holding)| matches!(holding, Holding::Names(_))).map(|(name, _)| *name);
        declared.iter().map(String::as_str).chain(of_names).collect()
    }

    /// A pattern, or what is wrong with it and where.
    pub(super) fn pattern(&self, raw: &str, span: Span) -> Result<Pattern, Diagnostic> {
        Pattern::parse(raw).map_err(|fault| {
            let start = u32::try_from(fault.offset).unwrap_or(0).saturating_add(span.start).saturating_add(1);
            syntax(Span::new(span.file, start.min(span.end), span.end), fault.message)
        })
    }

    /// The declared names that items stand for, each once, less the exceptions.
    pub(super) fn names_of<'s>(&'s self, items: &'s [Found], except: &'s [Found]) -> Vec<NameId> {
        let names = |items: &'s [Found]| items.iter().flat_map(|item| self.names_in(item)).copied();
        let count = names(items).count();
        if count + names(except).count() <= FEW {
            let mut all = Vec::with_capacity(count);
            for id in names(items) {
                if !all.contains(&id) && !names(except).any(|gone| gone == id) {
                    all.push(id);
                }
            }
            return all;
        }
        let gone: HashSet<NameId> = names(except).collect();
        let mut seen = HashSet::default();
        names(items).filter(|id| !gone.contains(id) && seen.insert(*id)).collect()
    }

    fn names_in<'s>(&'s self, item: &'s Found) -> &'s [NameId] {
        match item {
            Found::Name(id) => std::slice::from_ref(id),
            Found::List(id) => match self.holding(*id) {
                Holding::Names(names) => names,
                _ => &[],
            },
            Found::Pattern(_) => &[],
        }
    }

    /// A set of SKUs to be shared, with its size.
    pub(super) fn nest(&self, items: &[Piece], except: &[Piece]) -> Result<Nested, TooLarge> {
        let (set, weight, depth) = self.write_out_both(items, except)?;
        Ok(Nested { set: Arc::new(set), weight, depth })
    }

    /// A set of SKUs, its size, and how many sets with exceptions lie within each other.
    pub(super) fn write_out_both(
        &self,
        items: &[Piece],
        except: &[Piece],
    ) -> Result<(SkuSet, usize, usize), TooLarge> {
        let (terms, weight, depth) = self.write_out(items)?;
        let (except, weight_less, depth_less) = self.write_out(except)?;
        let weight = weight.saturating_add(weight_less);
        let depth = depth.max(depth_less) + 1;
        if weight > ITEMS_MAX {
            return Err(TooLarge::Items);
        }
        if depth > EXCEPT_DEPTH_MAX {
            return Err(TooLarge::Depth);
        }
        Ok((SkuSet { terms, except }, weight, depth))
    }

    fn take_item(&self) -> Result<(), TooLarge> {
        if self.items.take(1) { Ok(()) } else { Err(TooLarge::Items) }
    }

    /// Whether more was to be written out or compared than may be.
    pub(super) fn is_overdrawn(&self) -> bool {
        self.items.is_overdrawn() || self.compared.is_overdrawn()
    }

    /// What is left to be written out and compared.
    pub(super) fn left(&self) -> [usize; 2] {
        [self.items.left(), self.compared.left()]
    }

    /// As if nothing had been taken since so much was left.
    pub(super) fn back_to(&self, [items, compared]: [usize; 2]) {
        self.items.back_to(items);
        self.compared.back_to(compared);
    }

    /// Each pattern and each nested set once; a plain list is walked once however often it is named.
    fn write_out(&self, pieces: &[Piece]) -> Result<(Vec<SkuTerm>, usize, usize), TooLarge> {
        // Most lists are this.
        if let [Piece::Pattern(pattern)] = pieces {
            self.take_item()?;
            return Ok((vec![SkuTerm::Pattern(pattern.clone())], 1, 0));
        }
        let mut terms = Vec::with_capacity(pieces.len());
        let (mut weight, mut depth) = (0_usize, 0);
        let mut lists_seen = HashSet::default();
        let mut patterns_seen = HashSet::default();
        let mut stack = vec![pieces.iter()];
        while let Some(top) = stack.last_mut() {
            let Some(piece) = top.next() else {
                stack.pop();
                continue;
            };
            match piece {
                Piece::Pattern(pattern) => {
                    if !patterns_seen.insert(pattern) {
                        continue;
                    }
                    weight = weight.saturating_add(1);
                    terms.push(SkuTerm::Pattern(pattern.clone()));
                }
                Piece::List(id) if lists_seen.insert(*id) => match self.holdings.get(*id) {
                    Some(Holding::Skus(pieces)) => {
                        stack.push(pieces.iter());
                        continue;
                    }
                    Some(Holding::SkusExcept(nested)) => {
                        weight = weight.saturating_add(nested.weight);
                        depth = depth.max(nested.depth);
                        terms.push(SkuTerm::Set(Arc::clone(&nested.set)));
                    }
                    _ => continue,
                },
                Piece::List(_) => continue,
            }
            self.take_item()?;
        }
        Ok((terms, weight, depth))
    }
}
