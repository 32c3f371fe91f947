//! Writes a file of the user's whole or not at all.

use super::exit::Stop;
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes beside the file, then puts it in its place: who reads it sees the old one or the new one.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
    put(path, None, write)
        .map_err(|fault| Stop::failed(format_args!("cannot write `{}`: {fault}", path.display())))
}

/// The same of a file that is there: it keeps its permissions and, where that is allowed, its owner. A link is followed,
/// and what it leads to is replaced. `old` is what was read from it: what somebody changed meanwhile is left alone.
pub(super) fn rewrite(path: &Path, old: &[u8], new: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let like = fs::metadata(&path)?;
    if like.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    if fs::read(&path)? != old {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    put(&path, Some(&like), |out| out.write_all(new.as_bytes()))
}

fn put(
    path: &Path,
    like: Option<&Metadata>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let beside = beside(path);
    let written = File::create(&beside).and_then(|file| {
        if let Some(like) = like {
            keep_owner(&file, like);
            file.set_permissions(like.permissions())?;
        }
        let mut out = BufWriter::with_capacity(1 << 16, file);
        write(&mut out)?;
        out.into_inner()?.sync_all()?;
        fs::rename(&beside, path)?;
        sync_folder(path)
    });
    written.inspect_err(|_| {
        // What is half written is of no use; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&beside);
    })
}

/// Only root may give files away: to others it is theirs as what they replace was.
#[cfg(unix)]
fn keep_owner(file: &File, like: &Metadata) {
    use std::os::unix::fs::MetadataExt as _;
    let _ = std::os::unix::fs::fchown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// A new name of a file is on disk when its folder is.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The ending keeps what a killed run leaves behind from being read as a rule file.
pub(super) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".stocksync-tmp-{}-{name}.tmp", std::process::id()))
}
