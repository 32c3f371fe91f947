//! Two lists and a SKU: every way to match agrees with trying all there is to try.
//!
//! The first line is the SKU. Each other one says where it goes by its first two bytes (`a` or `b`, `+` or `-` for an exception) and
//! is a pattern; `a!` and `b!` put all so far into a list of its own, named by what follows; `a*` and `b*` are `all`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Arc;
use stocksync::pattern::{Matcher, Overlap, Pattern, Scratch, SkuSet, SkuTerm, overlap};

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let sku = lines.next().unwrap_or_default();
    let (mut a, mut b) = (List::default(), List::default());
    for line in lines {
        let list = if line.starts_with('a') { &mut a } else { &mut b };
        list.add(line.get(1..).unwrap_or_default(), sku);
    }
    let sets = [a.set(), b.set()];
    let takes = [a.takes(sku), b.takes(sku)];
    assert_eq!([sets[0].matches(sku), sets[1].matches(sku)], takes);
    let matcher = Matcher::new(&[(7, &sets[0]), (9, &sets[1])]);
    let ranks: Vec<usize> =
        [7, 9].into_iter().zip(takes).filter_map(|(rank, taken)| taken.then_some(rank)).collect();
    assert_eq!(matcher.matches_all(sku), ranks);
    assert_eq!(matcher.first(sku, &mut Scratch::default()), ranks.first().copied());
    match overlap(&sets[0], &sets[1]) {
        Overlap::Disjoint => assert!(sku.is_empty() || takes != [true, true], "{sku:?}"),
        Overlap::Witness(sku) => assert!(!sku.is_empty() && a.takes(&sku) && b.takes(&sku), "{sku:?}"),
        Overlap::Unknown => assert!(a.has_except() || b.has_except()),
    }
});

/// A list as simply as it can be said.
#[derive(Clone, Default)]
struct List {
    terms: Vec<Item>,
    except: Vec<Item>,
}

#[derive(Clone)]
enum Item {
    All,
    Pattern(Vec<Token>, Pattern),
    List(List),
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    One,
    Any,
}

impl List {
    fn add(&mut self, line: &str, sku: &str) {
        match line.split_at_checked(1) {
            Some(("*", _)) => self.terms.push(Item::All),
            Some(("!", _)) => {
                *self = List { terms: vec![Item::List(std::mem::take(self))], except: Vec::new() }
            }
            Some(("-", raw)) => self.except.extend(item(raw, sku)),
            Some((_, raw)) => self.terms.extend(item(raw, sku)),
            None => {}
        }
    }

    fn set(&self) -> SkuSet {
        let all = |items: &[Item]| items.iter().map(Item::term).collect();
        SkuSet { terms: all(&self.terms), except: all(&self.except) }
    }

    fn takes(&self, sku: &str) -> bool {
        let any = |items: &[Item]| items.iter().any(|item| item.takes(sku));
        any(&self.terms) && !any(&self.except)
    }

    fn has_except(&self) -> bool {
        !self.except.is_empty()
            || self.terms.iter().any(|item| matches!(item, Item::List(inner) if inner.has_except()))
    }
}

impl Item {
    fn term(&self) -> SkuTerm {
        match self {
            Item::All => SkuTerm::All,
            Item::Pattern(_, pattern) => SkuTerm::Pattern(pattern.clone()),
            Item::List(list) => SkuTerm::Set(Arc::new(list.set())),
        }
    }

    fn takes(&self, sku: &str) -> bool {
        match self {
            Item::All => true,
            Item::Pattern(tokens, _) => matches(tokens, sku),
            Item::List(list) => list.takes(sku),
        }
    }
}

/// A pattern by both readings, which agree; nothing where both refuse it.
fn item(raw: &str, sku: &str) -> Option<Item> {
    let (tokens, pattern) = (tokens(raw), Pattern::parse(raw));
    assert_eq!(tokens.is_some(), pattern.is_ok(), "{raw:?}");
    if let Err(fault) = &pattern {
        assert!(raw.is_char_boundary(fault.offset) && !fault.message.contains('\n'), "{fault:?}");
    }
    let (tokens, pattern) = (tokens?, pattern.ok()?);
    assert_eq!(Pattern::parse(&pattern.to_string()).as_ref(), Ok(&pattern));
    assert_eq!(pattern.matches(sku), matches(&tokens, sku), "{raw:?} {sku:?}");
    assert!(!matches(&tokens, sku) || sku.starts_with(pattern.prefix()));
    Some(Item::Pattern(tokens, pattern))
}

fn tokens(raw: &str) -> Option<Vec<Token>> {
    let mut chars = raw.chars();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Char(chars.next().filter(|c| "\"\\*?".contains(*c))?),
            _ => Token::Char(c),
        });
    }
    (!tokens.is_empty()).then_some(tokens)
}

/// By the book: which prefixes of the SKU do the first tokens match?
fn matches(tokens: &[Token], sku: &str) -> bool {
    let sku: Vec<char> = sku.chars().collect();
    let mut ends = vec![false; sku.len() + 1];
    ends[0] = true;
    for token in tokens {
        let before = ends.clone();
        for at in 0..=sku.len() {
            ends[at] = match token {
                Token::Any => before[at] || (at > 0 && ends[at - 1]),
                Token::One => at > 0 && before[at - 1],
                Token::Char(c) => at > 0 && before[at - 1] && sku[at - 1] == *c,
            };
        }
    }
    ends[sku.len()]
}
