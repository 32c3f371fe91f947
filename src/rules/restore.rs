//! Rules read back from their canonical form: an order is synced under the rules that it was placed under, long after the files
//! have changed.

use super::{
    BasisPoints, Declared, Identity, Levels, Named, Priority, Round, Rule, RuleSet, StoreId, StoreLevels,
    WarehouseId, Window, canonical,
};
use crate::pattern::{Pattern, SkuSet, SkuTerm};
use crate::source::{FileId, Span};
use std::sync::Arc;

/// Sets within each other, at most: more than `check` allows.
const DEPTH_MAX: usize = 256;

impl RuleSet {
    /// The rules of a canonical form, `None` where it is none. Rules stand in `file`, whose text the form is. `all` is what is
    /// declared now; stores and warehouses that are not declared any more are left out. Version and form stay as they were.
    pub fn restore(form: &str, declared: &Declared, file: FileId) -> Option<Self> {
        let mut rules: Vec<Rule> = Vec::new();
        let mut at = form.find('\n')? + 1;
        for line in form.get(at..)?.lines() {
            let span = Span::new(file, at as u32, (at + line.len()) as u32);
            at += line.len() + 1;
            match line.strip_prefix("  ") {
                None => rules.push(empty(unquoted(line.strip_prefix("rule ")?)?, span)),
                Some(field) => read_field(rules.last_mut()?, field, declared)?,
            }
        }
        rules.iter_mut().for_each(finish);
        rules.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
        form.starts_with(canonical::FORM).then(|| Self {
            rules,
            declared: declared.clone(),
            identity: Arc::new(Identity::of(form.to_owned()).into()),
        })
    }
}

const NO_LEVELS: Levels =
    Levels { reserve: 0, rate: BasisPoints(10_000), plus: 0, round: Round::Down, floor: 0, cap: None };

fn empty(name: String, head: Span) -> Rule {
    Rule {
        name,
        head,
        on: true,
        order: 0,
        window: Window::default(),
        skus: SkuSet::default(),
        warehouses: Vec::new(),
        warehouses_named: Named::Listed,
        stores: Vec::new(),
        stores_named: Named::Listed,
        levels: NO_LEVELS,
        threshold: 0,
        priority: None,
        split: None,
    }
}

fn read_field(rule: &mut Rule, field: &str, declared: &Declared) -> Option<()> {
    let (name, value) = field.split_once(' ')?;
    let store = |name: &str| place(&declared.stores, name).map(StoreId);
    match name {
        "order" => rule.order = value.parse().ok()?,
        "from" => rule.window.from = Some(value.parse().ok()?),
        "until" => rule.window.until = Some(value.parse().ok()?),
        "threshold" => rule.threshold = value.parse().ok()?,
        "skus" => {
            let mut text = Text(value);
            rule.skus = text.set(0)?;
            text.0.is_empty().then_some(())?;
        }
        "warehouses" => {
            (rule.warehouses, rule.warehouses_named) = names(value, &declared.warehouses, WarehouseId);
        }
        // Each of `all` gets the rule's levels in `each`; those with levels of their own follow.
        "stores" => {
            let (stores, named) = names(value, &declared.stores, StoreId);
            let line = |store| StoreLevels { store, levels: NO_LEVELS };
            (rule.stores, rule.stores_named) = (stores.into_iter().map(line).collect(), named);
        }
        "each" => {
            rule.levels = levels(value)?;
            rule.stores.iter_mut().for_each(|line| line.levels = rule.levels);
        }
        "store" => {
            let (name, value) = value.split_once(' ')?;
            let levels = levels(value)?;
            let Some(store) = store(name) else { return Some(()) };
            match rule.stores.iter_mut().find(|line| line.store == store) {
                Some(line) => line.levels = levels,
                None => rule.stores.push(StoreLevels { store, levels }),
            }
        }
        "priority" => {
            let (name, below) = value.split_once(' ')?;
            let below = below.parse().ok()?;
            rule.priority = store(name).map(|store| Priority { store, below });
        }
        "split" => {
            let mut weights = Vec::new();
            for part in value.split(", ").filter(|part| !part.is_empty()) {
                let (name, weight) = part.split_once(' ')?;
                let weight = weight.parse().ok()?;
                weights.extend(store(name).map(|store| (store, weight)));
            }
            rule.split = Some(weights);
        }
        _ => return None,
    }
    Some(())
}

/// Where stores are listed, the form has the rule's own levels only in what they make of the stores; the pool of a split is made
/// of those that no store may override.
fn finish(rule: &mut Rule) {
    rule.stores.sort_by_key(|line| line.store);
    if let (Named::Listed, Some(first)) = (&rule.stores_named, rule.stores.first()) {
        rule.levels = Levels { cap: None, ..first.levels };
    }
}

fn names<Id: Copy + PartialEq>(value: &str, declared: &[String], id: fn(u16) -> Id) -> (Vec<Id>, Named<Id>) {
    let find = |names: &str| -> Vec<Id> {
        names.split(' ').filter_map(|name| place(declared, name)).map(id).collect()
    };
    let mut words = value.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some("all"), except, gone) => {
            let gone = except.and(gone).map(find).unwrap_or_default();
            let all = (0..declared.len() as u16).map(id).filter(|id| !gone.contains(id)).collect();
            (all, Named::AllExcept(gone))
        }
        _ => (find(value), Named::Listed),
    }
}

fn place(names: &[String], name: &str) -> Option<u16> {
    names.iter().position(|known| known == name).map(|at| at as u16)
}

/// `reserve 0 rate 5000 plus 0 round down floor 0 cap none`.
fn levels(text: &str) -> Option<Levels> {
    let mut words = text.split(' ');
    let mut next = |name: &str| (words.next()? == name).then(|| words.next()).flatten();
    Some(Levels {
        reserve: next("reserve")?.parse().ok()?,
        rate: BasisPoints(next("rate")?.parse().ok()?),
        plus: next("plus")?.parse().ok()?,
        round: match next("round")? {
            "down" => Round::Down,
            "nearest" => Round::Nearest,
            "up" => Round::Up,
            _ => return None,
        },
        floor: next("floor")?.parse().ok()?,
        cap: match next("cap")? {
            "none" => None,
            cap => Some(cap.parse().ok()?),
        },
    })
}

fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut name = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        name.push(if c == '\\' { chars.next()? } else { c });
    }
    Some(name)
}

/// What is left of a SKU set's text.
struct Text<'t>(&'t str);

impl Text<'_> {
    /// `term, term except term, term`.
    fn set(&mut self, depth: usize) -> Option<SkuSet> {
        let terms = self.terms(depth)?;
        let except = if self.take(" except ") { self.terms(depth)? } else { Vec::new() };
        Some(SkuSet { terms, except })
    }

    fn terms(&mut self, depth: usize) -> Option<Vec<SkuTerm>> {
        let mut terms = vec![self.term(depth)?];
        while self.take(", ") {
            terms.push(self.term(depth)?);
        }
        Some(terms)
    }

    fn term(&mut self, depth: usize) -> Option<SkuTerm> {
        if self.take("all") {
            return Some(SkuTerm::All);
        }
        if self.take("(") {
            let set = (depth < DEPTH_MAX).then(|| self.set(depth + 1)).flatten()?;
            return self.take(")").then(|| SkuTerm::Set(Arc::new(set)));
        }
        let text = self.0.strip_prefix('"')?;
        let end = closing_quote(text)?;
        let pattern = Pattern::parse(text.get(..end)?).ok()?;
        self.0 = text.get(end + 1..)?;
        Some(SkuTerm::Pattern(pattern))
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    loop {
        match bytes.next()? {
            (at, b'"') => return Some(at),
            (_, b'\\') => drop(bytes.next()),
            _ => {}
        }
    }
}
