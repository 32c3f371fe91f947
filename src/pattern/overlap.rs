//! Whether some SKU, in the catalog or not, is in two lists.

use super::{Part, Pattern, SkuSet, SkuTerm};
use std::collections::BTreeSet;

/// What is known of two lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// No SKU can be in both.
    Disjoint,
    /// This SKU is in both.
    Witness(String),
    /// Their patterns meet, but exceptions took every SKU that was tried.
    Unknown,
}

/// What stands for `?`, and what is put where a `*` may stand.
const FILLS: [(char, &str); 6] = [('X', ""), ('X', "X"), ('0', ""), ('0', "0"), ('Q', "QZ7"), ('鞋', "鞋")];

/// Whether any possible SKU is in both lists. Never wrong; `Unknown` only where exceptions take part.
pub fn overlap(a: &SkuSet, b: &SkuSet) -> Overlap {
    let (literals_a, globs_a) = reach(a);
    let (literals_b, globs_b) = reach(b);
    let both = |sku: &str| !sku.is_empty() && a.matches(sku) && b.matches(sku);
    if let Some(sku) = literals_a.iter().chain(&literals_b).find(|sku| both(sku)) {
        return Overlap::Witness((*sku).to_owned());
    }
    let mut met = false;
    for (p, q) in globs_a.iter().flat_map(|p| globs_b.iter().map(move |q| (p, q))) {
        for sku in FILLS.iter().map_while(|(one, any)| meet(p, q, *one, any)) {
            met = true;
            if both(&sku) {
                return Overlap::Witness(sku);
            }
        }
    }
    if met { Overlap::Unknown } else { Overlap::Disjoint }
}

/// The literals and the other patterns by which a list may take a SKU.
fn reach(root: &SkuSet) -> (Vec<&str>, Vec<Vec<Part>>) {
    let mut seen: BTreeSet<*const SkuSet> = BTreeSet::new();
    let (mut open, mut literals, mut globs) = (vec![root], Vec::new(), Vec::new());
    while let Some(set) = open.pop() {
        for term in &set.terms {
            match term {
                SkuTerm::All => globs.push(vec![Part::Any]),
                SkuTerm::Set(inner) if seen.insert(&raw const **inner) => open.push(inner),
                SkuTerm::Set(_) => {}
                SkuTerm::Pattern(pattern) => match pattern.literal() {
                    Some(sku) => literals.push(sku),
                    None => globs.push(by_char(pattern)),
                },
            }
        }
    }
    (literals, globs)
}

/// The pattern with a part for each character.
fn by_char(pattern: &Pattern) -> Vec<Part> {
    let mut parts = Vec::new();
    for part in &pattern.parts {
        match part {
            Part::Literal(text) => parts.extend(text.chars().map(|c| Part::Literal(c.into()))),
            other => parts.push(other.clone()),
        }
    }
    parts
}

/// A SKU that both match. Nothing only where there is none.
fn meet(p: &[Part], q: &[Part], one: char, any: &str) -> Option<String> {
    match (p.contains(&Part::Any), q.contains(&Part::Any)) {
        (true, true) => meet_open(p, q, one, any),
        (true, false) => meet_fixed(p, q, one),
        (false, _) => meet_fixed(q, p, one),
    }
}

/// Two patterns with a `*` each meet where their fronts and their backs do: each one's `*` takes the other's middle.
fn meet_open(p: &[Part], q: &[Part], one: char, any: &str) -> Option<String> {
    let front = merge(head(p).iter(), head(q).iter())?;
    let mut back = merge(tail(p).iter().rev(), tail(q).iter().rev())?;
    back.reverse();
    let mut sku = String::new();
    spell(&front, one, any, &mut sku);
    for pattern in [p, q] {
        let middle = pattern.get(head(pattern).len()..pattern.len() - tail(pattern).len());
        spell(middle.unwrap_or_default(), one, any, &mut sku);
    }
    spell(&back, one, any, &mut sku);
    Some(sku).filter(|sku| !sku.is_empty()).or_else(|| Some(one.into()))
}

/// Where one pattern has no `*`, the other's pieces are placed upon it, as upon a SKU: front, back, then leftmost.
fn meet_fixed(open: &[Part], fixed: &[Part], one: char) -> Option<String> {
    let mut sku = fixed.to_vec();
    let mut pieces = open.split(|part| *part == Part::Any);
    let front = pieces.next().unwrap_or_default();
    let back = pieces.next_back();
    let mut from = front.len();
    let to = fixed.len().checked_sub(back.map_or(0, <[Part]>::len))?;
    if from > to || (back.is_none() && from != to) || !place(front, &mut sku, 0) {
        return None;
    }
    if !place(back.unwrap_or_default(), &mut sku, to) {
        return None;
    }
    for piece in pieces {
        let at = (from..=to.checked_sub(piece.len())?).find(|at| place(piece, &mut sku, *at))?;
        from = at + piece.len();
    }
    let mut spelt = String::new();
    spell(&sku, one, "", &mut spelt);
    Some(spelt)
}

/// Narrows what stands at a place to the piece, where it can be.
fn place(piece: &[Part], sku: &mut [Part], at: usize) -> bool {
    let Some(there) = sku.get_mut(at..at + piece.len()) else { return false };
    let merged: Option<Vec<Part>> = piece.iter().zip(there.iter()).map(|(x, y)| narrow(x, y)).collect();
    merged.is_some_and(|merged| {
        there.clone_from_slice(&merged);
        true
    })
}

fn merge<'a>(
    mut x: impl Iterator<Item = &'a Part>,
    mut y: impl Iterator<Item = &'a Part>,
) -> Option<Vec<Part>> {
    let mut merged = Vec::new();
    loop {
        match (x.next(), y.next()) {
            (None, None) => return Some(merged),
            (Some(part), None) | (None, Some(part)) => merged.push(part.clone()),
            (Some(x), Some(y)) => merged.push(narrow(x, y)?),
        }
    }
}

fn narrow(x: &Part, y: &Part) -> Option<Part> {
    match (x, y) {
        (Part::One, other) | (other, Part::One) => Some(other.clone()),
        _ => (x == y).then(|| x.clone()),
    }
}

fn head(parts: &[Part]) -> &[Part] {
    parts.split(|part| *part == Part::Any).next().unwrap_or_default()
}

fn tail(parts: &[Part]) -> &[Part] {
    parts.rsplit(|part| *part == Part::Any).next().unwrap_or_default()
}

fn spell(parts: &[Part], one: char, any: &str, sku: &mut String) {
    for part in parts {
        match part {
            Part::Literal(text) => sku.push_str(text),
            Part::One => sku.push(one),
            Part::Any => sku.push_str(any),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{all_skus, set, sets};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn witnesses_are_short_and_readable() {
        for (a, b, sku) in [
            ("NIKE-*", "*-42", Some("NIKE--42")),
            ("NIKE-*", "NIKE-AIR", Some("NIKE-AIR")),
            ("CLR-??-*", "CLR-*", Some("CLR-XX-")),
            ("*", "*", Some("X")),
            ("?b*", "a?", Some("ab")),
            ("*ab*", "????", Some("abXX")),
            ("NIKE-*", "ADI-*", None),
            ("*A", "*B", None),
            ("a*a", "?", None),
        ] {
            let expect = sku.map_or(Overlap::Disjoint, |sku| Overlap::Witness(sku.to_owned()));
            assert_eq!(overlap(&set(&[a], &[]), &set(&[b], &[])), expect, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn never_wrong(a in sets(), b in sets()) {
            let found = overlap(&a, &b);
            let both = all_skus(5).into_iter().find(|sku| a.matches(sku) && b.matches(sku));
            match found {
                Overlap::Disjoint => prop_assert_eq!(both, None),
                Overlap::Witness(sku) => prop_assert!(a.matches(&sku) && b.matches(&sku) && !sku.is_empty()),
                Overlap::Unknown => prop_assert!(has_exceptions(&a) || has_exceptions(&b)),
            }
        }
    }

    fn has_exceptions(root: &SkuSet) -> bool {
        let inner = |term: &SkuTerm| matches!(term, SkuTerm::Set(set) if has_exceptions(set));
        !root.except.is_empty() || root.terms.iter().any(inner)
    }
}
