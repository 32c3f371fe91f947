//! Rule files parsed side by side.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use crate::syntax::{self, ast};
use std::thread;

/// No more threads than these: what is left over then is little.
const THREADS_MAX: usize = 8;
/// Less text than this is parsed before another thread has come up to speed, in bytes.
const BYTES_A_THREAD: usize = 64 * 1024;

/// Each file's tree and faults, in the order of `files`; the order of work changes nothing.
pub(super) fn parse_all(files: &[FileId], sources: &Sources) -> Vec<(ast::File, Vec<Diagnostic>)> {
    let text = |file: FileId| sources.get(file).text();
    let parse = |file: &FileId| syntax::parse(*file, text(*file));
    let bytes: usize = files.iter().map(|&file| text(file).len()).sum();
    let shares_max = THREADS_MAX.min(bytes / BYTES_A_THREAD).max(1);
    // How many there are is asked only where more than one would be used.
    let threads = if shares_max == 1 { 1 } else { crate::shell::threads().count().min(shares_max) };
    if threads == 1 {
        return files.iter().map(parse).collect();
    }
    let mut parsed = Vec::with_capacity(files.len());
    thread::scope(|scope| {
        let mut shares = shares(files, bytes / threads + 1, |file| text(file).len()).into_iter();
        // The first share is this thread's own.
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares
            .map(|share| (share, scope.spawn(move || share.iter().map(parse).collect::<Vec<_>>())))
            .collect();
        parsed.extend(own.iter().map(parse));
        for (share, other) in others {
            // A thread that broke is no reason to lose its files: they break here, where it is seen.
            parsed.extend(other.join().unwrap_or_else(|_| share.iter().map(parse).collect()));
        }
    });
    parsed
}

/// Cuts the files into runs of about so many bytes.
fn shares(files: &[FileId], bytes_each: usize, size: impl Fn(FileId) -> usize) -> Vec<&[FileId]> {
    let mut shares = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, &file) in files.iter().enumerate() {
        bytes += size(file);
        if bytes >= bytes_each {
            shares.extend(files.get(from..=at));
            (from, bytes) = (at + 1, 0);
        }
    }
    shares.extend(files.get(from..).filter(|rest| !rest.is_empty()));
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_by_side_gives_what_one_by_one_gives() {
        let mut sources = Sources::new();
        let text = |at: usize| format!("let l{at} = \"A{at}\"\n{}\n}}", "# a comment\n".repeat(at * 100));
        let files: Vec<_> = (0..40).map(|at| sources.add(format!("{at}.sync"), text(at))).collect();
        let one_by_one: Vec<_> =
            files.iter().map(|&file| syntax::parse(file, sources.get(file).text())).collect();
        assert_eq!(parse_all(&files, &sources), one_by_one);
    }

    #[test]
    fn shares_hold_every_file_once_and_in_order() {
        let mut sources = Sources::new();
        let files: Vec<_> = (0..9).map(|at| sources.add(at.to_string(), "")).collect();
        for bytes in [1, 3, 10, 25, 1000] {
            let shares = shares(&files, bytes, |_| 5);
            assert_eq!(shares.concat(), files);
            assert!(shares.iter().all(|share| !share.is_empty() && share.len() * 5 < bytes + 5));
        }
        assert!(shares(&[], 1, |_| 5).is_empty());
    }
}
