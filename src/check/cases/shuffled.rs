//! Neither the order of files, rules, fields and items, nor anything that a person may write, surprises the check.

use super::{check_texts, declared};
use crate::check::check;
use crate::source::{Sources, Span};
use crate::syntax::ast::{Field, File, Item, Let, Rule, Term, TermKind, Word};
use proptest::prelude::*;

const SKUS: &[&str] = &["\"NIKE-*\"", "\"ADI-?\"", "plain", "less"];
const STORES: &[&str] = &["shopee_id", "shopee_my", "near", "tiktok_id"];

fn program(skus: &[&str], stores: &[&str], fields: &[usize], reverse: bool) -> Vec<String> {
    let (skus, stores) = (skus.join(", "), stores.join(", "));
    let texts = [
        "order 1".to_owned(),
        format!("skus {skus}"),
        "warehouses jakarta, batam".to_owned(),
        format!("stores {stores}"),
        "rate 12.5%".to_owned(),
        "store shopee_id { cap 5 }".to_owned(),
    ];
    let body: Vec<&str> = fields.iter().filter_map(|&at| texts.get(at)).map(String::as_str).collect();
    let mut files = vec![
        "let plain = \"A\", \"B*\"\nlet less = \"C*\" except \"CX\"\nlet near = lazada_id".to_owned(),
        format!("rule \"a\" {{ {} }}", body.join("\n")),
        "rule \"b\" { order 2 skus all warehouses all stores all }".to_owned(),
    ];
    if reverse {
        files.reverse();
    }
    files
}

fn version(files: &[String]) -> Option<String> {
    let texts: Vec<&str> = files.iter().map(String::as_str).collect();
    check_texts(&texts).1.rule_set().map(|rules| rules.version().to_owned())
}

/// Any term, sensible or not.
fn term() -> impl Strategy<Value = TermKind> {
    let words = [
        "all",
        "except",
        "store",
        "below",
        "from",
        "until",
        "jakarta",
        "shopee_id",
        "l",
        "m",
        "none",
        "down",
    ];
    let atoms = ["1", "-1", "50%", "2026-11-27", "2026-02-30", "99999999999", "1_0", ""];
    let leaf = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(|word| TermKind::Word(word.to_owned())),
        proptest::sample::select(atoms.to_vec()).prop_map(|atom| TermKind::Atom(atom.to_owned())),
        "[a*?\\\\\"ก]{0,4}".prop_map(TermKind::Text),
        Just(TermKind::Comma),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        proptest::collection::vec(field(inner), 0..3).prop_map(TermKind::Block)
    })
}

fn field(term: impl Strategy<Value = TermKind> + 'static) -> impl Strategy<Value = Field> {
    let keys =
        ["order", "skus", "warehouses", "stores", "active", "priority", "split", "store", "cap", "rate", "x"];
    (proptest::sample::select(keys.to_vec()), proptest::collection::vec(term, 0..6)).prop_map(
        |(key, kinds)| {
            let value = kinds.into_iter().map(|kind| Term { span: span(), kind }).collect();
            Field { span: span(), key: word(key), value }
        },
    )
}

fn span() -> Span {
    Span::new(Sources::new().add("a.sync", ""), 0, 0)
}

fn word(text: &str) -> Word {
    Word { text: text.to_owned(), span: span() }
}

proptest! {
    #[test]
    fn an_order_of_writing_is_no_meaning(
        skus in Just(SKUS.to_vec()).prop_shuffle(),
        stores in Just(STORES.to_vec()).prop_shuffle(),
        fields in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle(),
        reverse: bool,
    ) {
        let straight = version(&program(SKUS, STORES, &[0, 1, 2, 3, 4, 5], false));
        prop_assert!(straight.is_some());
        prop_assert_eq!(version(&program(&skus, &stores, &fields, reverse)), straight);
    }

    #[test]
    fn any_tree_is_checked(
        fields in proptest::collection::vec(field(term()), 0..8),
        lists in proptest::collection::vec(("[lm]", proptest::collection::vec(term(), 0..5)), 0..4),
    ) {
        let rule = Rule { span: span(), head: span(), name: word("r"), off: None, fields, broken: vec![] };
        let list = |(name, kinds): (String, Vec<TermKind>)| {
            let value = kinds.into_iter().map(|kind| Term { span: span(), kind }).collect();
            Item::Let(Let { span: span(), name: word(&name), value })
        };
        let mut items: Vec<Item> = lists.into_iter().map(list).collect();
        items.push(Item::Rule(rule));
        let file = File { items, ..File::default() };
        let (checked, found) = check(&[(span().file, file)], &declared());
        prop_assert_eq!(checked.rule_set().is_some(), found.is_empty());
    }
}
