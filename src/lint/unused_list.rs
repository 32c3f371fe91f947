//! `unused-list`: a list that no rule names, by itself or through other lists.

use super::Context;
use super::whole_lines::removal;
use crate::diagnostic::{Code, Diagnostic, Fix, Level};
use crate::hash::{HashMap, HashSet};
use crate::syntax::ast::{Item, Let, Rule, Term};

/// `unused-list`.
pub(super) static UNUSED_LIST: Code = Code {
    code: "SS112",
    name: "unused-list",
    level: Level::Warn,
    what: "a `let` that no rule names, neither by itself nor through a list that a rule names",
    why: "it changes nothing, and who changes it believes that it does",
    bad: "let sneakers = \"NIKE-*\", \"ADI-*\"\nlet shoes = \"NIKE-*\"\n\nrule \"Sneakers\" {\n  order 1\n  skus sneakers\n  warehouses all\n  stores all\n}",
    good: "let sneakers = \"NIKE-*\", \"ADI-*\"\n\nrule \"Sneakers\" {\n  order 1\n  skus sneakers\n  warehouses all\n  stores all\n}",
};

/// The fields of a rule that may name lists.
const LIST_FIELDS: [&str; 3] = ["skus", "warehouses", "stores"];

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    // What could not be read may name any list.
    if context.rules.is_none() {
        return;
    }
    let lists = || items(context).filter_map(Item::as_let);
    if lists().next().is_none() {
        return;
    }
    let used = used(context);
    let named_in_lists: HashSet<&str> = lists().flat_map(|list| words(&list.value)).collect();
    for list in lists().filter(|list| !used.contains(list.name.text.as_str())) {
        let name = &list.name.text;
        let message = format!("no rule uses list `{name}`");
        let mut finding = Diagnostic::new(&UNUSED_LIST, list.name.span, message)
            .with_help("take it out, or name it in a rule");
        // One that another unused list names can only go after that one has gone.
        let edits = if named_in_lists.contains(name.as_str()) { None } else { removal(context, list.span) };
        if let Some(edits) = edits {
            finding = finding.with_fix(Fix { safe: true, message: format!("take out list `{name}`"), edits });
        }
        found.push(finding);
    }
}

/// The names that rules name, and those that the lists of these names name, and so on.
fn used<'a>(context: &Context<'a>) -> HashSet<&'a str> {
    let mut lists: HashMap<&str, Vec<&'a Let>> = HashMap::default();
    for list in items(context).filter_map(Item::as_let) {
        lists.entry(&list.name.text).or_default().push(list);
    }
    let mut open: Vec<&str> = items(context).filter_map(as_rule).flat_map(named_in_rule).collect();
    let mut used = HashSet::default();
    while let Some(name) = open.pop() {
        if used.insert(name) {
            let values = lists.get(name).into_iter().flatten();
            open.extend(values.flat_map(|list| words(&list.value)));
        }
    }
    used
}

fn named_in_rule(rule: &Rule) -> impl Iterator<Item = &str> {
    let fields = rule.fields.iter().filter(|field| LIST_FIELDS.contains(&field.key.text.as_str()));
    fields.flat_map(|field| words(&field.value))
}

/// The words of a value; keywords do no harm, since no list has the name of one.
fn words(terms: &[Term]) -> impl Iterator<Item = &str> {
    terms.iter().filter_map(Term::word)
}

fn items<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Item> {
    context.files.iter().flat_map(|(_, file)| &file.items)
}

fn as_rule(item: &Item) -> Option<&Rule> {
    if let Item::Rule(rule) = item { Some(rule) } else { None }
}
