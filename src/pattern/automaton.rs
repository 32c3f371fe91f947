//! The shortest SKU that some patterns match and others do not, by walking all of them at once.

use super::overlap::Effort;
use super::sign::Sign;
use hashbrown::HashSet;
use std::collections::{BTreeSet, VecDeque};

/// States that a walk may reach before it gives up.
const STATES_MAX: usize = 200_000;
/// Words of working memory, and steps of judging, that a walk may spend before it gives up.
const WORK_MAX: usize = 4_000_000;

/// Several patterns walked at once: a bit for each place in each of them.
///
/// A place before a `*` stays where it is; all others move on with a character that they take.
pub(super) struct Automaton {
    spans: Vec<Span>,
    start: Box<[u64]>,
    stays: Box<[u64]>,
    /// The places before a `*`, each with the place where its pattern starts.
    loops: Vec<(usize, usize)>,
    /// Which places move on, by the character.
    moves: Vec<(char, Box<[u64]>)>,
}

/// The first and the last place of a pattern; at the last it has matched.
struct Span {
    first: usize,
    last: usize,
}

/// Which of the patterns match what was walked so far.
pub(super) struct Matched<'a> {
    spans: &'a [Span],
    bits: &'a [u64],
}

/// How a walk ended.
pub(super) enum Walk {
    Found(String),
    Nothing,
    TooLarge,
}

impl Automaton {
    /// Patterns, sign by sign. `spoken_for` are characters that may not stand for "any other".
    /// Nothing where they are too many.
    pub(super) fn new(patterns: &[&[Sign]], mut spoken_for: BTreeSet<char>) -> Option<Self> {
        let literals = patterns.iter().flat_map(|signs| signs.iter()).filter_map(character);
        let known: BTreeSet<char> = literals.collect();
        spoken_for.extend(&known);
        let bits: usize = patterns.iter().map(|signs| signs.len() + 1).sum();
        let words = bits.div_ceil(64);
        if words.saturating_mul(known.len() + 1) > WORK_MAX {
            return None;
        }
        let blank = || vec![0; words].into_boxed_slice();
        let classes = other(&spoken_for).into_iter().chain(known);
        let mut new = Self {
            spans: Vec::new(),
            start: blank(),
            stays: blank(),
            loops: Vec::new(),
            moves: classes.map(|class| (class, blank())).collect(),
        };
        patterns.iter().fold(0, |first, signs| new.add(signs, first));
        Some(new)
    }

    /// The shortest text, not empty and none of `barred`, that the first two patterns match and that is wanted.
    ///
    /// `barred` is sorted; `toll` is the work of asking `wanted` once.
    pub(super) fn walk(
        &self,
        barred: &[&str],
        toll: usize,
        effort: &mut Effort,
        wanted: impl FnMut(&Matched<'_>) -> bool,
    ) -> Walk {
        let (states, seen, next) = (Vec::new(), HashSet::default(), Vec::new());
        Walker { automaton: self, barred, states, seen, next }.run(toll, effort, wanted)
    }

    fn add(&mut self, signs: &[Sign], first: usize) -> usize {
        let mut place = first;
        set(&mut self.start, place);
        for sign in signs {
            match sign {
                Sign::Any => {
                    set(&mut self.stays, place);
                    self.loops.push((place, first));
                    continue;
                }
                Sign::One => self.moves.iter_mut().for_each(|(_, moves)| set(moves, place)),
                Sign::Char(class) => {
                    let classes = self.moves.iter_mut().filter(|(c, _)| c == class);
                    classes.for_each(|(_, moves)| set(moves, place));
                }
            }
            place += 1;
        }
        self.spans.push(Span { first, last: place });
        place + 1
    }

    /// Where the places move with a character, into `next`. False where the first two patterns can no more both match.
    fn step(&self, bits: &[u64], moves: &[u64], next: &mut Vec<u64>) -> bool {
        let mut carry = 0;
        next.clear();
        next.extend(bits.iter().zip(moves).zip(&self.stays).map(|((bits, moves), stays)| {
            let moved = bits & moves;
            let word = (moved << 1) | carry | (bits & stays);
            carry = moved >> 63;
            word
        }));
        // What can follow an earlier place can as well follow a later one that stays.
        for (place, first) in &self.loops {
            if is_set(next, *place) {
                clear(next, *first, *place);
            }
        }
        let alive = |span: &Span| any_set(next, span.first, span.last + 1);
        self.spans.iter().take(2).all(alive)
    }
}

impl Matched<'_> {
    pub(super) fn has(&self, pattern: usize) -> bool {
        self.spans.get(pattern).is_some_and(|span| is_set(self.bits, span.last))
    }
}

struct Walker<'a> {
    automaton: &'a Automaton,
    barred: &'a [&'a str],
    states: Vec<State>,
    seen: HashSet<Box<[u64]>, foldhash::fast::RandomState>,
    /// Room for the places of the next state: most are dead, or were seen.
    next: Vec<u64>,
}

struct State {
    bits: Box<[u64]>,
    /// The state before, and the character that led here.
    from: Option<(usize, char)>,
    bytes: usize,
    /// Those of `barred` that start with the text so far. Only a text that starts none may stand for others.
    low: usize,
    high: usize,
}

impl Walker<'_> {
    fn run(mut self, toll: usize, effort: &mut Effort, mut wanted: impl FnMut(&Matched<'_>) -> bool) -> Walk {
        let automaton = self.automaton;
        let price = automaton.start.len() + automaton.loops.len() / 8 + toll;
        let states_max = STATES_MAX.min(WORK_MAX / price.max(1));
        let high = self.barred.len();
        self.states.push(State { bits: automaton.start.clone(), from: None, bytes: 0, low: 0, high });
        let mut open = VecDeque::from([0]);
        while let Some(at) = open.pop_front() {
            if !effort.spend(price.saturating_mul(automaton.moves.len())) {
                return Walk::TooLarge;
            }
            for (class, moves) in &automaton.moves {
                let Some(next) = self.follow(at, *class, moves) else { continue };
                let matched = Matched { spans: &automaton.spans, bits: &next.bits };
                let found = matched.has(0) && matched.has(1) && !self.is_barred(&next) && wanted(&matched);
                open.push_back(self.states.len());
                self.states.push(next);
                if found {
                    return Walk::Found(self.text());
                }
                if self.states.len() > states_max {
                    return Walk::TooLarge;
                }
            }
        }
        Walk::Nothing
    }

    /// The next state, unless it is dead or was seen.
    fn follow(&mut self, at: usize, class: char, moves: &[u64]) -> Option<State> {
        let state = self.states.get(at)?;
        if !self.automaton.step(&state.bits, moves, &mut self.next) {
            return None;
        }
        let follows = |sku: &&str| sku.get(state.bytes..).and_then(|rest| rest.chars().next());
        let range = self.barred.get(state.low..state.high).unwrap_or_default();
        let low = state.low + range.partition_point(|sku| follows(sku) < Some(class));
        let high = state.low + range.partition_point(|sku| follows(sku) <= Some(class));
        if low == high {
            if self.seen.contains(self.next.as_slice()) {
                return None;
            }
            self.seen.insert(self.next.as_slice().into());
        }
        let bits = self.next.as_slice().into();
        Some(State { bits, from: Some((at, class)), bytes: state.bytes + class.len_utf8(), low, high })
    }

    fn is_barred(&self, state: &State) -> bool {
        let first = self.barred.get(state.low..state.high).and_then(<[&str]>::first);
        first.is_some_and(|sku| sku.len() == state.bytes)
    }

    /// The text that led to the newest state.
    fn text(&self) -> String {
        let mut chars = Vec::new();
        let mut state = self.states.last();
        while let Some((before, class)) = state.and_then(|state| state.from) {
            chars.push(class);
            state = self.states.get(before);
        }
        chars.iter().rev().collect()
    }
}

fn character(sign: &Sign) -> Option<char> {
    match sign {
        Sign::Char(c) => Some(*c),
        Sign::One | Sign::Any => None,
    }
}

/// A readable character for all those that no pattern names.
fn other(spoken_for: &BTreeSet<char>) -> Option<char> {
    let readable = "X0A".chars().chain('A'..='Z').chain('1'..='9').chain('a'..='z');
    let all = readable.chain('\u{4e00}'..='\u{9fff}').chain('!'..=char::MAX);
    all.into_iter().find(|c| !spoken_for.contains(c))
}

fn set(bits: &mut [u64], place: usize) {
    if let Some(word) = bits.get_mut(place / 64) {
        *word |= 1 << (place % 64);
    }
}

fn is_set(bits: &[u64], place: usize) -> bool {
    bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
}

fn clear(bits: &mut [u64], from: usize, to: usize) {
    for (word, mask) in words(from, to) {
        if let Some(word) = bits.get_mut(word) {
            *word &= !mask;
        }
    }
}

fn any_set(bits: &[u64], from: usize, to: usize) -> bool {
    words(from, to).any(|(word, mask)| bits.get(word).is_some_and(|word| word & mask != 0))
}

/// The words that the places from … up to before … are in, each with the mask of theirs.
fn words(from: usize, to: usize) -> impl Iterator<Item = (usize, u64)> {
    (from / 64..to.div_ceil(64)).map(move |word| {
        let low = from.saturating_sub(word * 64);
        let high = (to - word * 64).min(64);
        let below = |places: usize| if places == 64 { u64::MAX } else { (1 << places) - 1 };
        (word, below(high) & !below(low))
    })
}
