//! A library's bytes as they are looked at and loaded: taken once, so that nobody can change them in between.

use super::{memory_file, seal};
use crate::hex::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::OnceLock;

/// So much is read of it at a time for its hash.
const PIECE_BYTES: usize = 64 << 10;

/// A library's bytes.
#[derive(Debug)]
pub(in crate::shell) struct Image {
    bytes: Bytes,
    len: u64,
    sha256: OnceLock<String>,
}

#[derive(Debug)]
enum Bytes {
    /// In memory of the system's that nobody can change, copied there without a way through the program's own.
    Sealed(File),
    /// Where the system has no such thing.
    Here(Vec<u8>),
}

impl Image {
    /// Takes so many bytes of a file, from its beginning.
    pub(in crate::shell) fn of(mut file: &File, len: u64) -> io::Result<Self> {
        let bytes = if let Some(sealed) = sealed_copy(file, len) {
            Bytes::Sealed(sealed)
        } else {
            let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
            file.rewind()?;
            file.read_exact(&mut bytes)?;
            Bytes::Here(bytes)
        };
        Ok(Self { bytes, len, sha256: OnceLock::new() })
    }

    pub(in crate::shell) fn len(&self) -> u64 {
        self.len
    }

    /// As many bytes as are wanted from a place on; none where there are fewer.
    pub(in crate::shell) fn read(&self, at: u64, into: &mut [u8]) -> Option<()> {
        match &self.bytes {
            Bytes::Sealed(file) => read_at(file, at, into),
            Bytes::Here(bytes) => {
                let at = usize::try_from(at).ok()?;
                into.copy_from_slice(bytes.get(at..at.checked_add(into.len())?)?);
                Some(())
            }
        }
    }

    /// Their SHA-256 in hexadecimal; worked out when it is first asked for.
    pub(in crate::shell) fn sha256(&self) -> &str {
        // What cannot be read has a hash that is none.
        self.sha256.get_or_init(|| self.hash().unwrap_or_default())
    }

    fn hash(&self) -> Option<String> {
        let mut hash = Sha256::new();
        let mut room = vec![0; PIECE_BYTES];
        let mut at = 0;
        while at < self.len {
            let left = usize::try_from(self.len - at).unwrap_or(PIECE_BYTES);
            let piece = room.get_mut(..left.min(PIECE_BYTES))?;
            self.read(at, piece)?;
            hash.update(&*piece);
            at += piece.len() as u64;
        }
        Some(hex(&hash.finalize()))
    }

    /// Where the loader finds these very bytes, where there is such a place.
    #[cfg(unix)]
    pub(super) fn path(&self) -> Option<PathBuf> {
        match &self.bytes {
            Bytes::Sealed(file) => {
                Some(PathBuf::from(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file))))
            }
            Bytes::Here(_) => None,
        }
    }
}

/// None where the system has no such memory, or gives none.
fn sealed_copy(file: &File, len: u64) -> Option<File> {
    let mut memory = memory_file()?;
    // From file to file the system copies by itself.
    let copied = io::copy(&mut file.take(len), &mut memory).ok()?;
    (copied == len && seal(&memory)).then_some(memory)
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, into: &mut [u8]) -> Option<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at).ok()
}

#[cfg(not(unix))]
fn read_at(_: &File, _: u64, _: &mut [u8]) -> Option<()> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn sealed_or_not_the_bytes_and_their_hash_are_the_same() {
        for len in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 7] {
            let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.rewind().unwrap();
            let sealed = Image::of(&file, len as u64).unwrap();
            let plain = Image { bytes: Bytes::Here(bytes.clone()), len: len as u64, sha256: OnceLock::new() };
            let whole: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((sealed.sha256(), plain.sha256()), (&*whole, &*whole));
            for (at, wanted) in [(0, len), (len / 2, len - len / 2), (len, 1), (len / 3, 1)] {
                let (mut one, mut other) = (vec![0; wanted], vec![0; wanted]);
                let read = (sealed.read(at as u64, &mut one), plain.read(at as u64, &mut other));
                let there = bytes.get(at..at + wanted);
                assert_eq!(read.0, read.1);
                assert_eq!(read.0.is_some(), there.is_some());
                assert!(there.is_none_or(|there| there == one && there == other));
            }
        }
    }

    #[test]
    fn a_file_that_is_shorter_than_it_was_is_refused() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"short").unwrap();
        file.rewind().unwrap();
        assert_eq!(Image::of(&file, 6).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_changes_what_was_taken() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"library").unwrap();
        file.rewind().unwrap();
        let image = Image::of(&file, 7).unwrap();
        let path = image.path().unwrap();
        let open = std::fs::OpenOptions::new().write(true).open(path);
        let written = open.and_then(|mut file| file.write_all(b"L"));
        assert!(written.is_err());
        let mut bytes = [0; 7];
        assert_eq!((image.read(0, &mut bytes), &bytes), (Some(()), b"library"));
    }
}
