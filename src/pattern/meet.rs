//! A SKU that two patterns both match, put together from their parts; exceptions take no part here.

use super::{Part, Pattern};

/// What stands for `?`, and what is put where a `*` may stand.
const FILLS: [(char, &str); 6] = [('X', ""), ('X', "X"), ('0', ""), ('0', "0"), ('Q', "QZ7"), ('鞋', "鞋")];

/// Readable SKUs that both match. None only where there is none at all.
pub(super) fn meetings(p: &[Part], q: &[Part]) -> impl Iterator<Item = String> {
    FILLS.iter().map_while(move |(one, any)| meet(p, q, *one, any))
}

/// Whether what they start or end with tells that no SKU matches both.
pub(super) fn plainly_apart(p: &[Part], q: &[Part]) -> bool {
    let front = match (p.first(), q.first()) {
        (Some(Part::Literal(x)), Some(Part::Literal(y))) => {
            !x.starts_with(y.as_str()) && !y.starts_with(x.as_str())
        }
        _ => false,
    };
    front
        || match (p.last(), q.last()) {
            (Some(Part::Literal(x)), Some(Part::Literal(y))) => {
                !x.ends_with(y.as_str()) && !y.ends_with(x.as_str())
            }
            _ => false,
        }
}

/// The pattern with a part for each character.
pub(super) fn by_char(pattern: &Pattern) -> Vec<Part> {
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
