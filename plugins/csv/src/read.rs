//! `read`, `listings` and `check`: the file from one end to the other.

use crate::file::{File, Next, shown};
use crate::seen::Seen;
use crate::skus::Skus;
use std::collections::VecDeque;
use stocksync_sdk::abi::column_id::{QUANTITY, STORE_SKU};
use stocksync_sdk::message::EventKind;
use stocksync_sdk::rows::PAGE_ROWS;
use stocksync_sdk::{Answer, Fault, Input, Page, TextColumn};

const FILE: u32 = 1;
const AGAIN: u32 = 2;

/// A read under way.
#[derive(Debug)]
pub(crate) struct Read {
    path: String,
    phase: Phase,
    entropy: String,
    file: File,
    /// The listings asked for; none for all.
    wanted: Skus,
    seen: Seen,
    /// Whether rows are asked for, or only whether the file is sound.
    answers: bool,
    skus: TextColumn,
    quantities: Vec<i64>,
    ready: VecDeque<Page>,
}

#[derive(Debug)]
enum Phase {
    Asking,
    Reading,
    /// A SKU may stand twice: the file is read once more, to tell, and to tell where.
    Again(Box<Again>),
    Ended,
}

/// What is kept while a file is read again.
#[derive(Debug)]
struct Again {
    /// What was seen before.
    before: Seen,
    /// Whether there was a fault.
    fault: bool,
    skus: Skus,
    /// The line of each SKU.
    lines: Vec<usize>,
}

impl Read {
    pub(crate) fn new(path: String, entropy: &str) -> Self {
        Self {
            path,
            phase: Phase::Asking,
            entropy: entropy.to_owned(),
            file: File::default(),
            wanted: Skus::new(entropy),
            seen: Seen::new(entropy),
            answers: true,
            skus: TextColumn::new(),
            quantities: Vec::new(),
            ready: VecDeque::new(),
        }
    }

    pub(crate) fn to_check(path: String, entropy: &str) -> Self {
        Self { answers: false, ..Self::new(path, entropy) }
    }

    pub(crate) fn step(&mut self, input: &Input<'_>) -> Result<Answer, Fault> {
        match (&input.event.kind, &self.phase) {
            (EventKind::Start { .. } | EventKind::More {}, Phase::Asking) => {
                let skus = input.rows.texts(STORE_SKU);
                skus.iter().flat_map(|skus| skus.iter()).for_each(|sku| _ = self.wanted.insert(sku));
                if input.event.more_rows {
                    return Ok(Answer::nothing());
                }
                self.phase = Phase::Reading;
                Ok(Answer::nothing().read_file(FILE, &self.path))
            }
            (EventKind::Chunk { id: FILE, last }, Phase::Reading) => {
                self.file.feed(input.body, *last);
                let scanned = self.scan();
                if !matches!(scanned, Ok(Scanned::Chunk)) && self.seen.maybe_twice() {
                    return Ok(self.again(scanned.is_err()));
                }
                Ok(self.told(scanned))
            }
            (EventKind::Chunk { id: AGAIN, last }, Phase::Again(_)) => {
                self.file.feed(input.body, *last);
                let scanned = self.scan_again();
                Ok(self.told(scanned))
            }
            (EventKind::More {}, _) => Ok(self.answer()),
            // The host's message names the file.
            (EventKind::Failed { message, .. }, _) => Ok(Answer::refused(message.clone())),
            _ => Err(Fault::wrong_state("this event has no place in a read")),
        }
    }

    /// Takes all rows of the chunk.
    fn scan(&mut self) -> Result<Scanned, String> {
        let mut bare = true;
        loop {
            // Once a chunk: what stopped it stands in the way of the rest, too.
            if bare && self.file.has_header() {
                bare = false;
                self.take_bare();
            }
            match self.file.next()? {
                Next::Row(row) => {
                    self.seen.push(row.sku);
                    if self.answers && (self.wanted.is_empty() || self.wanted.get(row.sku).is_some()) {
                        self.skus.push(row.sku);
                        self.quantities.push(row.quantity);
                    }
                }
                Next::Other(_) => {}
                Next::Chunk => return Ok(Scanned::Chunk),
                Next::End => break,
            }
            if self.quantities.len() >= PAGE_ROWS {
                self.turn();
            }
        }
        self.turn();
        Ok(Scanned::End)
    }

    fn take_bare(&mut self) {
        let Self { file, seen, wanted, skus, quantities, ready, answers, .. } = self;
        let all = wanted.is_empty();
        file.bare(|sku, quantity| {
            seen.push(sku);
            if *answers && (all || wanted.get(sku).is_some()) {
                skus.push(sku);
                quantities.push(quantity);
                if quantities.len() >= PAGE_ROWS {
                    ready.push_back(page(skus, quantities));
                }
            }
        });
    }

    /// Begins to read the file again.
    fn again(&mut self, fault: bool) -> Answer {
        self.file = File::default();
        let before = std::mem::replace(&mut self.seen, Seen::new(&self.entropy));
        let skus = Skus::new(&self.entropy);
        self.phase = Phase::Again(Box::new(Again { before, fault, skus, lines: Vec::new() }));
        Answer::nothing().read_file(AGAIN, &self.path)
    }

    /// Looks at all rows of the chunk, one by one.
    fn scan_again(&mut self) -> Result<Scanned, String> {
        let Phase::Again(again) = &mut self.phase else { return Ok(Scanned::Chunk) };
        loop {
            match self.file.next()? {
                Next::Row(row) => {
                    if let Err(first) = again.skus.insert(row.sku) {
                        let first = again.lines.get(first).copied().unwrap_or_default();
                        return Err(twice(row.sku, first, row.line));
                    }
                    again.lines.push(row.line);
                    self.seen.push(row.sku);
                }
                Next::Other(_) => {}
                Next::Chunk => return Ok(Scanned::Chunk),
                Next::End => break,
            }
        }
        if again.fault || again.before != self.seen {
            return Err("changed while it was read".to_owned());
        }
        Ok(Scanned::End)
    }

    fn told(&mut self, scanned: Result<Scanned, String>) -> Answer {
        match scanned {
            Ok(Scanned::Chunk) => {}
            Ok(Scanned::End) => self.phase = Phase::Ended,
            Err(why) => return Answer::refused(format!("`{}` {why}", self.path)),
        }
        self.answer()
    }

    fn turn(&mut self) {
        self.ready.push_back(page(&mut self.skus, &mut self.quantities));
    }

    /// A page that is ready, or the next chunk.
    fn answer(&mut self) -> Answer {
        match self.ready.pop_front() {
            Some(page) if self.ready.is_empty() && matches!(self.phase, Phase::Ended) => {
                Answer::done().rows(page)
            }
            Some(page) if self.ready.is_empty() && matches!(self.phase, Phase::Reading) => {
                Answer::nothing().rows(page).next_chunk(FILE)
            }
            Some(page) => Answer::more_rows(page),
            None if matches!(self.phase, Phase::Ended) => Answer::done(),
            None if matches!(self.phase, Phase::Again(_)) => Answer::nothing().next_chunk(AGAIN),
            None => Answer::nothing().next_chunk(FILE),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scanned {
    /// The next chunk is needed.
    Chunk,
    End,
}

/// The rows so far as a page; the columns are empty then.
fn page(skus: &mut TextColumn, quantities: &mut Vec<i64>) -> Page {
    let page = Page::new().texts(STORE_SKU, skus.take()).i64s(QUANTITY, quantities);
    quantities.clear();
    page
}

/// A SKU that stands twice: which row is right is nobody's to guess.
pub(crate) fn twice(sku: &str, first: usize, second: usize) -> String {
    format!("line {second}: the store SKU `{}` stands on line {first} already", shown(sku))
}
