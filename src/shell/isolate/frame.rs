//! Frames: a kind, and parts with their lengths.

use std::io::{self, Read, Write};
use stocksync_sdk::rows::{Page, RawColumn};

/// Parent to child: a config.
pub(super) const OPEN: u8 = 1;
/// Parent to child: an event, its body and its rows.
pub(super) const STEP: u8 = 2;
/// Child to parent: the library is loaded; its manifest.
pub(super) const LOADED: u8 = 3;
/// Child to parent: an answer.
pub(super) const ANSWER: u8 = 4;
/// Child to parent: one line.
pub(super) const FAULT: u8 = 5;

/// Two buffers, the head of rows and as many columns as a page may have.
const PARTS_MAX: u32 = 3 + 64;
/// As much as a step may answer, all in all.
const BYTES_MAX: u64 = 512 << 20;

/// A column: its id, its kind, its bytes.
pub(super) type Column = (u32, u32, Vec<u8>);

/// What goes over a pipe.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    parts: Vec<Vec<u8>>,
    next: usize,
}

impl Frame {
    pub(super) fn of(kind: u8, parts: &[&[u8]]) -> Self {
        Self { kind, parts: parts.iter().map(|part| part.to_vec()).collect(), next: 0 }
    }

    /// With rows behind it: one part says what columns there are, then each is a part.
    pub(super) fn with_rows(mut self, rows: u64, columns: impl Iterator<Item = (u32, u32, Vec<u8>)>) -> Self {
        let head = self.parts.len();
        let mut said = rows.to_le_bytes().to_vec();
        self.parts.push(Vec::new());
        for (id, kind, bytes) in columns {
            said.extend_from_slice(&id.to_le_bytes());
            said.extend_from_slice(&kind.to_le_bytes());
            self.parts.push(bytes);
        }
        if let Some(part) = self.parts.get_mut(head) {
            *part = said;
        }
        self
    }

    pub(super) fn with_page(self, page: &Page) -> Self {
        let columns = page.columns().map(|RawColumn { id, kind, bytes }| (id, kind, bytes.to_vec()));
        self.with_rows(page.len() as u64, columns)
    }

    /// The next part.
    pub(super) fn take_part(&mut self, what: &str) -> Result<Vec<u8>, String> {
        let part = self.parts.get_mut(self.next).map(std::mem::take);
        self.next += 1;
        part.ok_or_else(|| format!("said nothing of its {what}"))
    }

    /// The rows behind the parts that were taken.
    pub(super) fn take_rows(&mut self) -> Result<(u64, Vec<Column>), String> {
        let head = self.take_part("rows")?;
        let (rows, columns) = head.split_first_chunk::<8>().ok_or("said nothing of its rows")?;
        let (columns, rest) = columns.as_chunks::<8>();
        if !rest.is_empty() {
            return Err("said too little of its columns".to_owned());
        }
        let mut taken = Vec::new();
        for [a, b, c, d, e, f, g, h] in columns {
            let (id, kind) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
            taken.push((id, kind, self.take_part("columns")?));
        }
        Ok((u64::from_le_bytes(*rows), taken))
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let count = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        to.write_all(&[self.kind])?;
        to.write_all(&count.to_le_bytes())?;
        for part in &self.parts {
            to.write_all(&(part.len() as u64).to_le_bytes())?;
            to.write_all(part)?;
        }
        to.flush()
    }

    /// The next frame; none where the other side has closed between two.
    pub(super) fn read(from: &mut impl Read) -> io::Result<Option<Self>> {
        let mut kind = [0];
        if from.read(&mut kind)? == 0 {
            return Ok(None);
        }
        let cut = |error: io::Error| match error.kind() {
            // Whoever dies in the middle has said nothing.
            io::ErrorKind::UnexpectedEof => Ok(None),
            _ => Err(error),
        };
        match Self::read_parts(from) {
            Ok(parts) => Ok(Some(Self { kind: kind[0], parts, next: 0 })),
            Err(error) => cut(error),
        }
    }

    fn read_parts(from: &mut impl Read) -> io::Result<Vec<Vec<u8>>> {
        let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut count = [0; 4];
        from.read_exact(&mut count)?;
        let count = u32::from_le_bytes(count);
        if count > PARTS_MAX {
            return Err(bad("a frame of too many parts"));
        }
        let (mut parts, mut room) = (Vec::new(), BYTES_MAX);
        for _ in 0..count {
            let mut len = [0; 8];
            from.read_exact(&mut len)?;
            let len = u64::from_le_bytes(len);
            room = room.checked_sub(len).ok_or_else(|| bad("a frame of too many bytes"))?;
            let mut part = Vec::new();
            // As it comes, so that a length alone takes no memory.
            if from.take(len).read_to_end(&mut part)? as u64 != len {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            parts.push(part);
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(frame: &Frame) -> Vec<u8> {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).expect("written");
        bytes
    }

    #[test]
    fn a_frame_reads_back() {
        let columns = [(1, 2, b"texts".to_vec()), (3, 1, Vec::new())];
        let frame = Frame::of(STEP, &[b"event", b""]).with_rows(7, columns.clone().into_iter());
        let bytes = sent(&frame);
        let mut from = &bytes[..];
        let mut read = Frame::read(&mut from).expect("whole").expect("there");
        assert_eq!(read, frame);
        assert_eq!((read.take_part("a"), read.take_part("b")), (Ok(b"event".to_vec()), Ok(Vec::new())));
        assert_eq!(read.take_rows(), Ok((7, columns.to_vec())));
        assert!(read.take_part("c").is_err());
        assert_eq!(Frame::read(&mut from).expect("the end"), None);
    }

    #[test]
    fn what_is_cut_off_is_nothing_and_what_is_too_large_is_refused() {
        let bytes = sent(&Frame::of(ANSWER, &[b"actions", b"bodies"]));
        for len in 0..bytes.len() {
            assert_eq!(Frame::read(&mut &bytes[..len]).expect("cut off"), None, "{len}");
        }
        let parts = [&[ANSWER][..], &9999_u32.to_le_bytes()].concat();
        let length = [&[ANSWER][..], &1_u32.to_le_bytes(), &u64::MAX.to_le_bytes()].concat();
        for bytes in [parts, length] {
            assert!(Frame::read(&mut &bytes[..]).is_err());
        }
    }
}
