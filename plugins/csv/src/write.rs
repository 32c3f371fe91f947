//! `write`: the file once more, with other numbers in some of its cells.

use crate::QUANTITY_MAX;
use crate::file::{File, Next};
use crate::read::twice;
use crate::skus::Skus;
use stocksync_sdk::abi::column_id::{EXPECTED, INDEX, OUTCOME, QUANTITY, STORE_SKU, TEXT};
use stocksync_sdk::abi::outcome;
use stocksync_sdk::message::EventKind;
use stocksync_sdk::rows::PAGE_ROWS;
use stocksync_sdk::{Answer, Fault, Input, Page, Rows, TextColumn};

const OLD: u32 = 1;
const NEW: u32 = 2;
/// A piece of the new file, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// A write under way.
#[derive(Debug)]
pub(crate) struct Write {
    path: String,
    phase: Phase,
    items: Vec<Item>,
    skus: Skus,
    /// The item of each SKU.
    of_sku: Vec<usize>,
    file: File,
    /// The new file, as far as it was not yet handed out.
    new: Vec<u8>,
    changed: bool,
    told: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Asking,
    Reading,
    Committing,
    Telling,
}

#[derive(Debug)]
struct Item {
    quantity: i64,
    expected: Option<i64>,
    /// Where the file has it; 0 for not yet.
    line: usize,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    NotFound,
    Sent,
    Conflict(i64),
    AskedTwice,
    OutOfBounds,
}

impl Write {
    pub(crate) fn new(path: String, entropy: &str) -> Self {
        Self {
            path,
            phase: Phase::Asking,
            items: Vec::new(),
            skus: Skus::new(entropy),
            of_sku: Vec::new(),
            file: File::default(),
            new: Vec::new(),
            changed: false,
            told: 0,
        }
    }

    pub(crate) fn step(&mut self, input: &Input<'_>) -> Result<Answer, Fault> {
        match (&input.event.kind, self.phase) {
            (EventKind::Start { .. } | EventKind::More {}, Phase::Asking) => {
                self.take(&input.rows)?;
                if input.event.more_rows {
                    return Ok(Answer::nothing());
                }
                self.phase = Phase::Reading;
                Ok(Answer::nothing().read_file(OLD, &self.path))
            }
            (EventKind::Chunk { id: OLD, last }, Phase::Reading) => {
                self.file.feed(input.body, *last);
                match self.scan() {
                    Ok(ended) => Ok(self.hand_out(ended)),
                    Err(why) => Ok(Answer::refused(format!("`{}` {why}", self.path))),
                }
            }
            (EventKind::Written { id: NEW }, Phase::Committing) | (EventKind::More {}, Phase::Telling) => {
                Ok(self.tell())
            }
            (EventKind::Failed { message, .. }, phase) => {
                // The host's message names the file.
                let why = message.clone();
                Ok(if phase == Phase::Committing { Answer::failed(why) } else { Answer::refused(why) })
            }
            _ => Err(Fault::wrong_state("this event has no place in a write")),
        }
    }

    /// Takes a page of items.
    fn take(&mut self, rows: &Rows<'_>) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let missing = || Fault::bad_input("the items of a write need `store_sku` and `quantity`");
        let skus = rows.texts(STORE_SKU).ok_or_else(missing)?;
        let quantities = rows.i64s(QUANTITY).ok_or_else(missing)?;
        let expected = rows.i64s(EXPECTED);
        for (row, sku) in skus.iter().enumerate() {
            let quantity = quantities.get(row).ok_or_else(missing)?;
            let mut verdict = Verdict::NotFound;
            if !(0..=QUANTITY_MAX).contains(&quantity) {
                verdict = Verdict::OutOfBounds;
            }
            match self.skus.insert(sku) {
                Ok(_) => self.of_sku.push(self.items.len()),
                Err(sku) => {
                    verdict = Verdict::AskedTwice;
                    let first = self.of_sku.get(sku).and_then(|item| self.items.get_mut(*item));
                    first.into_iter().for_each(|first| first.verdict = verdict);
                }
            }
            let expected = expected.and_then(|expected| expected.get(row));
            self.items.push(Item { quantity, expected, line: 0, verdict });
        }
        Ok(())
    }

    /// Takes all rows of the chunk into the new file; says whether the old one has ended.
    fn scan(&mut self) -> Result<bool, String> {
        loop {
            let row = match self.file.next()? {
                Next::Row(row) => row,
                Next::Other(bytes) => {
                    self.new.extend_from_slice(bytes);
                    continue;
                }
                Next::Chunk => return Ok(false),
                Next::End => return Ok(true),
            };
            let item = self.skus.get(row.sku).and_then(|sku| self.of_sku.get(sku));
            let item = item.and_then(|item| self.items.get_mut(*item));
            let number = match item {
                Some(item) if item.line > 0 => return Err(twice(row.sku, item.line, row.line)),
                Some(item) => item.meet(row.line, row.quantity),
                None => None,
            };
            match number {
                None => self.new.extend_from_slice(row.bytes),
                Some(number) => {
                    self.changed = true;
                    self.new.extend_from_slice(row.bytes.get(..row.digits.start).unwrap_or_default());
                    self.new.extend_from_slice(number.to_string().as_bytes());
                    self.new.extend_from_slice(row.bytes.get(row.digits.end..).unwrap_or_default());
                }
            }
        }
    }

    /// What is new of the new file; at the end it takes the old one's place, if anything is different.
    fn hand_out(&mut self, ended: bool) -> Answer {
        if ended && !self.changed {
            return self.tell();
        }
        let new = std::mem::take(&mut self.new);
        let pieces = new.chunks(PIECE_BYTES);
        let answer = pieces.fold(Answer::nothing(), |answer, piece| answer.append(NEW, &self.path, piece));
        if !ended {
            return answer.next_chunk(OLD);
        }
        self.phase = Phase::Committing;
        answer.commit(NEW, &self.path)
    }

    /// A page of outcomes.
    fn tell(&mut self) -> Answer {
        self.phase = Phase::Telling;
        let items = self.items.get(self.told..).unwrap_or_default();
        let page = items.get(..PAGE_ROWS.min(items.len())).unwrap_or_default();
        let texts: Vec<String> = page.iter().map(|item| item.verdict.text()).collect();
        let indexes: Vec<u32> =
            (self.told..self.told + page.len()).filter_map(|i| u32::try_from(i).ok()).collect();
        let outcomes: Vec<u8> = page.iter().map(|item| item.verdict.outcome()).collect();
        self.told += page.len();
        let rows = Page::new()
            .u32s(INDEX, &indexes)
            .u8s(OUTCOME, &outcomes)
            .texts(TEXT, texts.iter().map(String::as_str).collect::<TextColumn>());
        if self.told == self.items.len() { Answer::done().rows(rows) } else { Answer::more_rows(rows) }
    }
}

impl Item {
    /// Notes where the file has it, and gives the number to write there, if it is another.
    fn meet(&mut self, line: usize, live: i64) -> Option<i64> {
        self.line = line;
        if self.verdict != Verdict::NotFound {
            return None;
        }
        if self.expected.is_some_and(|expected| expected != live) {
            self.verdict = Verdict::Conflict(live);
            return None;
        }
        self.verdict = Verdict::Sent;
        (self.quantity != live).then_some(self.quantity)
    }
}

impl Verdict {
    fn outcome(self) -> u8 {
        match self {
            Self::Sent => outcome::SENT,
            Self::Conflict(_) => outcome::CONFLICT,
            Self::NotFound | Self::AskedTwice | Self::OutOfBounds => outcome::FAILED,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Sent => String::new(),
            Self::Conflict(live) => format!("the file has {live}"),
            Self::NotFound => "not-found: the file has no row of this store SKU".to_owned(),
            Self::AskedTwice => "rejected: this store SKU stands twice among the items".to_owned(),
            Self::OutOfBounds => format!("rejected: a quantity must be from 0 to {QUANTITY_MAX}"),
        }
    }
}
