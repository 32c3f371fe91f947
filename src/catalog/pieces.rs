//! A table as a stream, in pieces of whole lines that several threads take apart.

use super::faults::Faults;
use super::table::{Columns, Header, Table};
use super::text::Decoded;
use crate::source::FileId;
use crate::threads::Threads;
use std::io::Read;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// So much is read at once: it stays near the processor while it is taken apart.
const PIECE_BYTES: usize = 256 * 1024;
/// A table that is no larger is a small one.
const SMALL_BYTES: usize = 8 * 1024;
/// Lines longer than this are left to the plain reader.
const LINE_BYTES_MAX: usize = 16 << 20;

/// A table whose header was read.
pub(super) struct Pieces<'r> {
    stream: Mutex<Stream<'r>>,
    pub(super) header: Header,
    /// Whether the last line must end.
    whole: bool,
}

struct Stream<'r> {
    from: &'r mut (dyn Read + Send),
    /// What was read and not yet handed out.
    rest: Vec<u8>,
    /// The byte at which it starts, without a byte order mark.
    at: usize,
    number: usize,
    ended: bool,
    /// Whether the last line has no end.
    open_end: bool,
}

/// Some whole lines of a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'p> {
    pub(super) text: &'p str,
    /// The byte at which it starts in the table.
    pub(super) at: u32,
}

/// What only the plain reader can tell about.
#[derive(Clone, Copy, Debug)]
struct Unclean;

impl<'r> Pieces<'r> {
    /// Reads the header. `None` where the plain reader has something to say, or has to look more closely.
    pub(super) fn open(
        from: &'r mut (dyn Read + Send),
        file: FileId,
        columns: &Columns,
        whole: bool,
    ) -> Option<Self> {
        let mut stream = Stream { from, rest: Vec::new(), at: 0, number: 0, ended: false, open_end: false };
        let mut first = Vec::new();
        stream.next(&mut first).ok()??;
        if first.starts_with(b"\xEF\xBB\xBF") {
            first.drain(..3);
        }
        let length = memchr::memchr(b'\n', &first).map_or(first.len(), |at| at + 1);
        let line = std::str::from_utf8(first.get(..length)?).ok()?;
        if line.contains(['"', '\0']) || line.trim_end_matches(['\r', '\n']).is_empty() {
            return None;
        }
        let mut faults = Faults::new(file);
        let decoded = Decoded { text: line.to_owned(), marks: Vec::new() };
        let header = Table::open(&decoded, columns, &mut faults)?.header;
        first.drain(..length);
        first.append(&mut stream.rest);
        stream = Stream { rest: first, at: length, number: 0, ..stream };
        faults.is_empty().then_some(Self { stream: Mutex::new(stream), header, whole })
    }

    /// Takes every piece apart, several at a time; the results stand in the order of the table. `None` where one of
    /// them is not clean.
    pub(super) fn each<T: Send>(
        &self,
        threads: Threads,
        work: impl Fn(Piece<'_>, &mut Vec<u32>) -> Option<T> + Sync,
    ) -> Option<Vec<T>> {
        let unclean = AtomicBool::new(false);
        let shares = threads.together(|_| {
            let share = self.share(&unclean, &work);
            if share.is_err() {
                unclean.store(true, Ordering::Relaxed);
            }
            share
        });
        let shares: Vec<Vec<(usize, T)>> = shares.into_iter().collect::<Result<_, Unclean>>().ok()?;
        if self.whole && self.stream.lock().ok()?.open_end {
            return None;
        }
        let mut done: Vec<(usize, T)> = shares.into_iter().flatten().collect();
        done.sort_unstable_by_key(|(number, _)| *number);
        Some(done.into_iter().map(|(_, result)| result).collect())
    }

    /// One thread's pieces, by their numbers.
    fn share<T>(
        &self,
        unclean: &AtomicBool,
        work: &(impl Fn(Piece<'_>, &mut Vec<u32>) -> Option<T> + Sync),
    ) -> Result<Vec<(usize, T)>, Unclean> {
        let (mut bytes, mut places, mut done) = (Vec::new(), Vec::new(), Vec::new());
        while !unclean.load(Ordering::Relaxed) {
            let next = self.stream.lock().map_err(|_| Unclean)?.next(&mut bytes)?;
            let Some((number, at)) = next else { break };
            let piece = Piece { text: text(&bytes)?, at };
            done.push((number, work(piece, &mut places).ok_or(Unclean)?));
        }
        Ok(done)
    }
}

impl Stream<'_> {
    /// The next whole lines: their number and where they start; none at the end.
    fn next(&mut self, piece: &mut Vec<u8>) -> Result<Option<(usize, u32)>, Unclean> {
        piece.clear();
        piece.append(&mut self.rest);
        // A small table is read at once; without room the reading would begin with tiny pieces.
        piece.reserve(SMALL_BYTES);
        let mut length = memchr::memrchr(b'\n', piece).map_or(0, |at| at + 1);
        while (length == 0 || piece.len() < PIECE_BYTES / 2) && !self.ended {
            if piece.len() > LINE_BYTES_MAX {
                return Err(Unclean);
            }
            let limit = PIECE_BYTES as u64;
            let read = (&mut *self.from).take(limit).read_to_end(piece).map_err(|_| Unclean)?;
            // Less than was asked for comes only at the end.
            self.ended = (read as u64) < limit;
            length = memchr::memrchr(b'\n', piece).map_or(0, |at| at + 1);
        }
        if self.ended {
            self.open_end |= length < piece.len();
            length = piece.len();
        }
        self.rest.extend_from_slice(piece.get(length..).unwrap_or_default());
        piece.truncate(length);
        if piece.is_empty() {
            return Ok(None);
        }
        let at = u32::try_from(self.at).map_err(|_| Unclean)?;
        self.at += length;
        u32::try_from(self.at).map_err(|_| Unclean)?;
        self.number += 1;
        Ok(Some((self.number, at)))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Unclean> {
    if memchr::memchr(0, bytes).is_some() {
        return Err(Unclean);
    }
    std::str::from_utf8(bytes).map_err(|_| Unclean)
}
