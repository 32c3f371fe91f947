//! Files that connectors read and write: inside the project's folder only, replaced as a whole or not at all.

use super::fault::{clean, plainly};
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// The size of a chunk, in bytes.
pub const CHUNK_BYTES: usize = 1 << 20;
/// The most files that a session has open at once.
pub const FILES_MAX: usize = 64;
const TEMPORARY: &str = ".stocksync-tmp-";

/// Why a file could not be read or written: a `kind` of `failed`, and one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// `refused`, `not-found` or `io`.
    pub kind: &'static str,
    /// One line.
    pub message: String,
}

/// The files of one session.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    alone: bool,
    reads: HashMap<u32, Reading>,
    writes: HashMap<u32, Writing>,
}

impl Files {
    /// The files under a project's folder. `alone`: nobody else writes them meanwhile.
    pub fn new(root: &Path, alone: bool) -> Self {
        Self { root: root.to_path_buf(), alone, reads: HashMap::new(), writes: HashMap::new() }
    }

    /// Starts to read a file, and gives its first chunk and whether it is the last.
    ///
    /// # Errors
    /// A path outside the project, no such file, or the system's refusal.
    pub fn read(&mut self, id: u32, path: &str) -> Result<(Vec<u8>, bool), FileFault> {
        self.check_room(id)?;
        let place = resolve(&self.root, path)?;
        if self.alone {
            clean_up(&place);
        }
        let mut file = open_regular(&place).map_err(|error| system(path, &error))?;
        let ahead = next_chunk(&mut file).map_err(|error| system(path, &error))?;
        self.reads.insert(id, Reading { path: path.to_owned(), file, ahead });
        self.next_chunk(id)
    }

    /// The next chunk of a file that is being read, and whether it is the last.
    ///
    /// # Errors
    /// No such file is being read, or it can no longer be.
    pub fn next_chunk(&mut self, id: u32) -> Result<(Vec<u8>, bool), FileFault> {
        let Some(mut reading) = self.reads.remove(&id) else {
            return Err(refused(format!("no file is being read as {id}")));
        };
        let ahead = next_chunk(&mut reading.file).map_err(|error| system(&reading.path, &error))?;
        let last = ahead.is_empty();
        let chunk = std::mem::replace(&mut reading.ahead, ahead);
        if !last {
            self.reads.insert(id, reading);
        }
        Ok((chunk, last))
    }

    /// Adds bytes to the new version of a file.
    ///
    /// # Errors
    /// A path outside the project, or the system's refusal; what was added is then thrown away.
    pub fn append(&mut self, id: u32, path: &str, bytes: &[u8]) -> Result<(), FileFault> {
        let mut writing = match self.writes.remove(&id) {
            Some(writing) if writing.path == path => writing,
            Some(_) => return Err(refused(format!("the file being written as {id} is another one"))),
            None => {
                self.check_room(id)?;
                Writing::start(path, resolve(&self.root, path)?)?
            }
        };
        writing.file.write_all(bytes).map_err(|error| system(path, &error))?;
        self.writes.insert(id, writing);
        Ok(())
    }

    /// Puts the new version in the old one's place.
    ///
    /// # Errors
    /// The system's refusal: the old version is then still in place.
    pub fn commit(&mut self, id: u32) -> Result<(), FileFault> {
        let Some(writing) = self.writes.remove(&id) else {
            return Err(refused(format!("no file is being written as {id}")));
        };
        let path = writing.path.clone();
        writing.commit().map_err(|error| system(&path, &error))
    }

    /// Whether a file was begun and not yet committed.
    pub fn is_writing(&self) -> bool {
        !self.writes.is_empty()
    }

    fn check_room(&self, id: u32) -> Result<(), FileFault> {
        if self.reads.contains_key(&id) || self.writes.contains_key(&id) {
            return Err(refused(format!("the id {id} names another file")));
        }
        if self.reads.len() + self.writes.len() >= FILES_MAX {
            return Err(refused(format!("at most {FILES_MAX} files are open at once")));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Reading {
    path: String,
    file: File,
    // The chunk after the one that was handed out: without it nobody knows which is the last.
    ahead: Vec<u8>,
}

#[derive(Debug)]
struct Writing {
    path: String,
    target: PathBuf,
    temporary: PathBuf,
    file: File,
}

impl Writing {
    fn start(path: &str, target: PathBuf) -> Result<Self, FileFault> {
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(refused(format!("`{}` is not a file", clean(path))));
        };
        let before = match fs::symlink_metadata(&target) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(refused(format!("`{}` is not a regular file", clean(path))));
            }
            Ok(metadata) if metadata.permissions().readonly() => {
                return Err(FileFault { kind: "io", message: format!("`{}` is read-only", clean(path)) });
            }
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(system(path, &error)),
        };
        let mark = random().map_err(|error| system(path, &error))?;
        let temporary = folder.join(format!("{TEMPORARY}{mark:016x}-{}", name.to_string_lossy()));
        let file = OpenOptions::new().write(true).create_new(true).open(&temporary);
        let file = file.map_err(|error| system(path, &error))?;
        let writing = Self { path: path.to_owned(), target, temporary, file };
        if let Some(before) = before {
            writing.keep_rights(&before).map_err(|error| system(path, &error))?;
        }
        Ok(writing)
    }

    fn keep_rights(&self, before: &fs::Metadata) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            // Only root may give a file away; for anyone else the file is their own already.
            let _ = fchown(&self.file, Some(before.uid()), Some(before.gid()));
        }
        self.file.set_permissions(before.permissions())
    }

    fn commit(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.target)?;
        let Some(folder) = self.target.parent() else { return Ok(()) };
        // The rename itself must reach the disk; Windows cannot open a folder for that, and needs not.
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
        clean_up(&self.target);
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // After a commit there is nothing left under this name.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Removes what killed runs left of this file; it harms nobody if that fails.
fn clean_up(target: &Path) {
    let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else { return };
    let name = name.to_string_lossy();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_leftover(&entry.file_name().to_string_lossy(), &name)) {
        let _ = fs::remove_file(entry.path());
    }
}

fn is_leftover(entry: &str, of: &str) -> bool {
    entry.strip_prefix(TEMPORARY).and_then(|rest| rest.split_at_checked(16)).is_some_and(|(mark, rest)| {
        mark.bytes().all(|b| b.is_ascii_hexdigit()) && rest.strip_prefix('-') == Some(of)
    })
}

/// The place of a path of a connector's, with every link followed.
fn resolve(root: &Path, path: &str) -> Result<PathBuf, FileFault> {
    let outside = || refused(format!("`{}` is not inside the project's folder", clean(path)));
    let relative = Path::new(path);
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.is_empty() || path.contains('\0') || !relative.components().all(plain) {
        return Err(outside());
    }
    let root = root.canonicalize().map_err(|error| system(path, &error))?;
    let wanted = root.join(relative);
    let place = match fs::symlink_metadata(&wanted) {
        Ok(_) => wanted.canonicalize().map_err(|error| system(path, &error))?,
        Err(_) => {
            let (Some(folder), Some(name)) = (wanted.parent(), wanted.file_name()) else {
                return Err(outside());
            };
            folder.canonicalize().map_err(|error| system(path, &error))?.join(name)
        }
    };
    match place.strip_prefix(&root) {
        Err(_) => Err(outside()),
        Ok(inside) if inside.starts_with(".stocksync") => {
            Err(refused(format!("`{}` belongs to stocksync itself", clean(path))))
        }
        Ok(_) => Ok(place),
    }
}

fn open_regular(place: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe waits for its other end.
    if !fs::metadata(place)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    File::open(place)
}

fn next_chunk(file: &mut File) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    file.take(CHUNK_BYTES as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

fn refused(message: String) -> FileFault {
    FileFault { kind: "refused", message }
}

fn system(path: &str, error: &io::Error) -> FileFault {
    let kind = if error.kind() == io::ErrorKind::NotFound { "not-found" } else { "io" };
    FileFault { kind, message: format!("`{}`: {}", clean(path), plainly(error)) }
}

#[cfg(test)]
mod tests;
