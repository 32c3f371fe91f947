//! A SKU that two patterns both match, put together from their signs; exceptions take no part here.

use super::Part;
use super::sign::Sign;

/// What stands for `?`, and what is put where a `*` may stand.
const FILLS: [(char, &str); 6] = [('X', ""), ('X', "X"), ('0', ""), ('0', "0"), ('Q', "QZ7"), ('鞋', "鞋")];

/// Readable SKUs that both match. None only where there is none at all.
pub(super) fn meetings(p: &[Sign], q: &[Sign]) -> impl Iterator<Item = String> {
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

/// A SKU that both match. Nothing only where there is none.
fn meet(p: &[Sign], q: &[Sign], one: char, any: &str) -> Option<String> {
    match (p.contains(&Sign::Any), q.contains(&Sign::Any)) {
        (true, true) => meet_open(p, q, one, any),
        (true, false) => meet_fixed(p, q, one),
        (false, _) => meet_fixed(q, p, one),
    }
}

/// Two patterns with a `*` each meet where their fronts and their backs do: each one's `*` takes the other's middle.
fn meet_open(p: &[Sign], q: &[Sign], one: char, any: &str) -> Option<String> {
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
fn meet_fixed(open: &[Sign], fixed: &[Sign], one: char) -> Option<String> {
    let mut sku = fixed.to_vec();
    let mut pieces = open.split(|part| *part == Sign::Any);
    let front = pieces.next().unwrap_or_default();
    let back = pieces.next_back();
    let mut from = front.len();
    let to = fixed.len().checked_sub(back.map_or(0, <[Sign]>::len))?;
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
fn place(piece: &[Sign], sku: &mut [Sign], at: usize) -> bool {
    let Some(there) = sku.get_mut(at..at + piece.len()) else { return false };
    let merged: Option<Vec<Sign>> = piece.iter().zip(there.iter()).map(|(x, y)| narrow(*x, *y)).collect();
    merged.is_some_and(|merged| {
        there.copy_from_slice(&merged);
        true
    })
}

fn merge<'a>(
    mut x: impl Iterator<Item = &'a Sign>,
    mut y: impl Iterator<Item = &'a Sign>,
) -> Option<Vec<Sign>> {
    let mut merged = Vec::new();
    loop {
        match (x.next(), y.next()) {
            (None, None) => return Some(merged),
            (Some(part), None) | (None, Some(part)) => merged.push(*part),
            (Some(x), Some(y)) => merged.push(narrow(*x, *y)?),
        }
    }
}

fn narrow(x: Sign, y: Sign) -> Option<Sign> {
    match (x, y) {
        (Sign::One, other) | (other, Sign::One) => Some(other),
        _ => (x == y).then_some(x),
    }
}

fn head(parts: &[Sign]) -> &[Sign] {
    parts.split(|part| *part == Sign::Any).next().unwrap_or_default()
}

fn tail(parts: &[Sign]) -> &[Sign] {
    parts.rsplit(|part| *part == Sign::Any).next().unwrap_or_default()
}

fn spell(parts: &[Sign], one: char, any: &str, sku: &mut String) {
    for part in parts {
        match part {
            Sign::Char(c) => sku.push(*c),
            Sign::One => sku.push(one),
            Sign::Any => sku.push_str(any),
        }
    }
}
