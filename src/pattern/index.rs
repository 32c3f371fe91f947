//! Which of many lists may share a SKU with one: a quick first look, so that few pairs need a search.

use super::meet::plainly_apart;
use super::reach::{Glob, Reach};
use super::{Effort, Matcher, Part, Pattern, SkuSet};
use std::cell::OnceCell;

/// Lists by what their SKUs begin and end with.
#[derive(Debug)]
pub struct Index<'a> {
    sets: Vec<&'a SkuSet>,
    /// Made where a literal is asked about.
    matcher: OnceCell<Matcher>,
    literals: Ends<&'a str>,
    globs: Ends<Glob<'a>>,
}

impl<'a> Index<'a> {
    /// Lists by their places.
    pub fn new(sets: &[&'a SkuSet]) -> Self {
        let (mut literals, mut globs) = (Vec::new(), Vec::new());
        for (place, set) in sets.iter().enumerate() {
            let reach = Reach::of(set);
            literals.extend(reach.literals.iter().map(|sku| (*sku, place)));
            globs.extend(reach.globs.iter().map(|glob| (*glob, place)));
        }
        Self {
            sets: sets.to_vec(),
            matcher: OnceCell::new(),
            literals: Ends::new(literals, |sku| (sku, sku)),
            globs: Ends::new(globs, |glob| (glob.map_or("", Pattern::prefix), glob.map_or("", suffix))),
        }
    }

    /// The same as [`near`](Self::near), or nothing where it would take more than what is left of the effort: patterns that begin and
    /// end with `*` are near to all others.
    pub fn near_within(&self, set: &SkuSet, effort: &mut Effort) -> Option<Vec<usize>> {
        let reach = Reach::of(set);
        let fitting = self.fitting(&reach);
        // A first look at two patterns is a step.
        let looks = fitting.iter().map(|(_, fitting)| count(fitting)).sum();
        effort.spend(looks).then(|| self.among(&reach, &fitting))
    }

    /// The places of all lists that may share a SKU with this one, in order; of the others, none does.
    pub fn near(&self, set: &SkuSet) -> Vec<usize> {
        let reach = Reach::of(set);
        self.among(&reach, &self.fitting(&reach))
    }

    /// Each pattern of a list, with those that it may fit.
    fn fitting<'g>(&self, reach: &Reach<'g>) -> Vec<(Glob<'g>, Vec<&Texts>)> {
        let fitting = |glob: Glob<'g>| {
            (glob, self.globs.fewer(glob.map_or("", Pattern::prefix), glob.map_or("", suffix)))
        };
        reach.globs.iter().copied().map(fitting).collect()
    }

    fn among(&self, reach: &Reach<'_>, fitting: &[(Glob<'_>, Vec<&Texts>)]) -> Vec<usize> {
        let mut places: Vec<usize> =
            reach.literals.iter().flat_map(|sku| self.matcher().matches_all(sku)).collect();
        for (glob, fitting) in fitting {
            let (front, back) = (glob.map_or("", Pattern::prefix), glob.map_or("", suffix));
            let takes = |sku: &str| glob.is_none_or(|glob| glob.matches(sku));
            let literals = self.literals.beginning_and_ending(front, back);
            places.extend(literals.filter(|(sku, _)| takes(sku)).map(|(_, place)| place));
            let apart = |other: &Pattern| glob.is_some_and(|glob| plainly_apart(&glob.parts, &other.parts));
            let globs = self.globs.of(fitting);
            places.extend(globs.filter(|(other, _)| !other.is_some_and(apart)).map(|(_, place)| place));
        }
        places.sort_unstable();
        places.dedup();
        places
    }

    fn matcher(&self) -> &Matcher {
        let make = || Matcher::new(&self.sets.iter().copied().enumerate().collect::<Vec<_>>());
        self.matcher.get_or_init(make)
    }
}

/// What every SKU that a pattern with wildcards matches ends with.
fn suffix(glob: &Pattern) -> &str {
    match glob.parts.last() {
        Some(Part::Literal(text)) => text,
        _ => "",
    }
}

/// Things by the text that they begin with and by the text that they end with.
#[derive(Debug)]
struct Ends<T> {
    things: Vec<(T, usize)>,
    /// Each with its place among the things, sorted.
    front: Vec<(Box<str>, usize)>,
    /// The same with texts turned round.
    back: Vec<(Box<str>, usize)>,
}

impl<T: Copy> Ends<T> {
    fn new<'t>(things: Vec<(T, usize)>, ends: impl Fn(T) -> (&'t str, &'t str)) -> Self {
        let texts = things.iter().enumerate().map(|(at, (thing, _))| (at, ends(*thing)));
        let (mut front, mut back) = (Vec::new(), Vec::new());
        for (at, (begin, end)) in texts {
            front.push((begin.into(), at));
            back.push((turned(end), at));
        }
        front.sort_unstable();
        back.sort_unstable();
        Self { things, front, back }
    }

    /// Those whose texts begin and end so, and perhaps more.
    fn beginning_and_ending(&self, begin: &str, end: &str) -> impl Iterator<Item = (T, usize)> {
        let front = extending(&self.front, begin);
        let back = if front.is_empty() { front } else { extending(&self.back, &turned(end)) };
        let fewer = if front.len() <= back.len() { front } else { back };
        fewer.iter().filter_map(|(_, at)| self.things.get(*at)).copied()
    }

    /// Those of whose texts one is the beginning of the other, and perhaps more; or those of which that holds at the end.
    fn fewer(&self, begin: &str, end: &str) -> Vec<&Texts> {
        let front = near(&self.front, begin);
        // Mostly it is the one that is asked about.
        if count(&front) <= 1 {
            return front;
        }
        let back = near(&self.back, &turned(end));
        if count(&front) <= count(&back) { front } else { back }
    }

    fn of<'s>(&'s self, parts: &'s [&Texts]) -> impl Iterator<Item = (T, usize)> + 's {
        parts.iter().copied().flatten().filter_map(|(_, at)| self.things.get(*at)).copied()
    }
}

type Texts = [(Box<str>, usize)];

/// The texts that begin with this one.
fn extending<'t>(sorted: &'t Texts, text: &str) -> &'t Texts {
    let from = sorted.partition_point(|(other, _)| &**other < text);
    let behind = sorted.get(from..).unwrap_or_default();
    let to = behind.partition_point(|(other, _)| other.starts_with(text));
    behind.get(..to).unwrap_or_default()
}

/// The texts that begin with this one, and those that it begins with.
fn near<'t>(sorted: &'t Texts, text: &str) -> Vec<&'t Texts> {
    let shorter = text.char_indices().filter_map(|(at, _)| text.get(..at));
    let equal = |text: &str| {
        let from = sorted.partition_point(|(other, _)| &**other < text);
        let behind = sorted.get(from..).unwrap_or_default();
        if behind.first().is_none_or(|(other, _)| &**other != text) {
            return Default::default();
        }
        behind.get(..behind.partition_point(|(other, _)| &**other == text)).unwrap_or_default()
    };
    let fitting = shorter.map(equal).chain([extending(sorted, text)]);
    fitting.filter(|texts| !texts.is_empty()).collect()
}

fn count(parts: &[&Texts]) -> usize {
    parts.iter().map(|part| part.len()).sum()
}

fn turned(text: &str) -> Box<str> {
    text.chars().rev().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::super::overlap::{Overlap, overlap};
    use super::super::sample::{set, sets};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn who_is_near() {
        let lists = [
            set(&["NIKE-*"], &[]),
            set(&["ADI-*"], &["ADI-1"]),
            set(&["*-RED"], &[]),
            set(&["*-BLUE", "NIKE-7"], &[]),
            set(&["鞋-?"], &[]),
            SkuSet { terms: vec![super::super::SkuTerm::All], except: Vec::new() },
        ];
        let index = Index::new(&lists.iter().collect::<Vec<_>>());
        for (of, near) in [
            (&["NIKE-A*"][..], &[0, 2, 3, 5][..]),
            (&["NIKE-*-RED"], &[0, 2, 5]),
            (&["*-DARK-RED"], &[0, 1, 2, 4, 5]),
            (&["N*"], &[0, 2, 3, 5]),
            (&["ADI-1", "NIKE-7"], &[0, 3, 5]),
            (&["鞋-鞋"], &[4, 5]),
            (&["鞋*"], &[2, 3, 4, 5]),
            (&["*"], &[0, 1, 2, 3, 4, 5]),
        ] {
            assert_eq!(index.near(&set(of, &[])), near, "{of:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn nobody_is_missed(lists in prop::collection::vec(sets(), 1..6), a in sets()) {
            let near = Index::new(&lists.iter().collect::<Vec<_>>()).near(&a);
            for (place, list) in lists.iter().enumerate() {
                let apart = overlap(list, &a) == Overlap::Disjoint;
                prop_assert!(apart || near.contains(&place), "{a:?} {list:?}");
            }
        }
    }
}
