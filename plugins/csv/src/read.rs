//! `read`, `listings` and `check`: the file from one end to the other.

use crate::file::{File, Next, shown};
use crate::skus::Skus;
use std::collections::VecDeque;
use stocksync_sdk::abi::column_id::{QUANTITY, STORE_SKU};
use stocksync_sdk::message::EventKind;
use stocksync_sdk::rows::PAGE_ROWS;
use stocksync_sdk::{Answer, Fault, Input, Page, TextColumn};

const FILE: u32 = 1;

/// A read under way.
#[derive(Debug)]
pub(crate) struct Read {
    path: String,
    phase: Phase,
    file: File,
    /// The listings asked for; none for all.
    wanted: Skus,
    seen: Skus,
    /// The line of each SKU seen.
    lines: Vec<usize>,
    /// Whether rows are asked for, or only whether the file is sound.
    answers: bool,
    skus: TextColumn,
    quantities: Vec<i64>,
    ready: VecDeque<Page>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Asking,
    Reading,
    Ended,
}

impl Read {
    pub(crate) fn new(path: String, entropy: &str) -> Self {
        Self {
            path,
            phase: Phase::Asking,
            file: File::default(),
            wanted: Skus::new(entropy),
            seen: Skus::new(entropy),
            lines: Vec::new(),
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
        match (&input.event.kind, self.phase) {
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
                match self.scan() {
                    Ok(()) => Ok(self.answer()),
                    Err(why) => Ok(Answer::refused(format!("`{}` {why}", self.path))),
                }
            }
            (EventKind::More {}, _) => Ok(self.answer()),
            // The host's message names the file.
            (EventKind::Failed { message, .. }, _) => Ok(Answer::refused(message.clone())),
            _ => Err(Fault::wrong_state("this event has no place in a read")),
        }
    }

    /// Takes all rows of the chunk.
    fn scan(&mut self) -> Result<(), String> {
        loop {
            let row = match self.file.next()? {
                Next::Row(row) => row,
                Next::Other(_) => continue,
                Next::Chunk => return Ok(()),
                Next::End => break,
            };
            if let Err(first) = self.seen.insert(row.sku) {
                let first = self.lines.get(first).copied().unwrap_or_default();
                return Err(twice(row.sku, first, row.line));
            }
            self.lines.push(row.line);
            if self.answers && (self.wanted.is_empty() || self.wanted.get(row.sku).is_some()) {
                self.skus.push(row.sku);
                self.quantities.push(row.quantity);
            }
            if self.quantities.len() == PAGE_ROWS {
                self.turn();
            }
        }
        self.turn();
        self.phase = Phase::Ended;
        Ok(())
    }

    fn turn(&mut self) {
        let (skus, quantities) = (std::mem::take(&mut self.skus), std::mem::take(&mut self.quantities));
        self.ready.push_back(Page::new().texts(STORE_SKU, skus).i64s(QUANTITY, &quantities));
    }

    /// A page that is ready, or the next chunk.
    fn answer(&mut self) -> Answer {
        match self.ready.pop_front() {
            Some(page) if self.ready.is_empty() && self.phase == Phase::Ended => Answer::done().rows(page),
            Some(page) => Answer::more_rows(page),
            None => Answer::nothing().next_chunk(FILE),
        }
    }
}

/// A SKU that stands twice: which row is right is nobody's to guess.
pub(crate) fn twice(sku: &str, first: usize, second: usize) -> String {
    format!("line {second}: the store SKU `{}` stands on line {first} already", shown(sku))
}
