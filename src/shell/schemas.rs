//! What connectors say of their settings, kept in the user's cache folder from one `lint` to the next, so that no library is loaded for a schema that was seen
//! before. Whoever works with a connector loads it all the same: what is kept here decides about findings, never about what runs.
//!
//! Kept is what was learnt of a library beside the program; any other has to be read for its hash anyway. It counts as long as the library's file is the same
//! from outside, down to its inode and the nanosecond of its last change, and the program is of the same version.

use super::locate::{self, Found, Search};
use super::plugin::{MANIFEST_BYTES_MAX, user};
use super::save;
use foldhash::quality::FixedState;
use serde_json::Value;
use std::env;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::hash::BuildHasher as _;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use stocksync_sdk::abi::ABI_VERSION;
use stocksync_sdk::message::FORMAT_VERSION;

/// The variable that says that nothing is kept and nothing kept is used.
const OFF_VARIABLE: &str = "STOCKSYNC_NO_CACHE";

/// A library that was changed more recently may change again within the same tick of its file system's clock, unseen.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// A hash in hexadecimal.
const DIGEST_CHARS: usize = 16;

/// The schemas that are kept, and where.
#[derive(Debug)]
pub(super) struct Schemas {
    folder: Option<PathBuf>,
}

impl Schemas {
    /// Nothing is kept.
    pub(super) const NONE: Self = Self { folder: None };

    /// Those in the user's cache folder; none where that is not wanted, or there is no such folder.
    pub(super) fn of_user(wanted: bool) -> Self {
        let off = env::var_os(OFF_VARIABLE).is_some_and(|value| !value.is_empty());
        Self { folder: if wanted && !off { cache_folder() } else { None } }
    }

    /// Those in a folder of one's own.
    #[cfg(test)]
    pub(super) fn within(folder: &Path) -> Self {
        Self { folder: Some(folder.to_path_buf()) }
    }

    /// The place of a connector's schema; none where nothing may be kept of it.
    pub(super) fn entry(&self, connector: &str, search: &Search) -> Option<Entry> {
        let folder = self.folder.as_ref()?;
        let now = SystemTime::now();
        let found = locate::find(connector, &search.folders).ok()?;
        if !locate::is_beside_program(&found.path) {
            return None;
        }
        Entry::new(folder, connector, found, now)
    }
}

/// The place of one connector's schema.
#[derive(Debug)]
pub(super) struct Entry {
    file: PathBuf,
    /// The library.
    connector_file: PathBuf,
    /// All that the schema depends on.
    made_from: String,
    is_settled: bool,
}

impl Entry {
    /// The place of the schema of a library that was opened at `now` or later; none where it may not be loaded.
    fn new(folder: &Path, connector: &str, found: Found, now: SystemTime) -> Option<Self> {
        let metadata = locate::look(&found, user()).ok()?;
        let name = hash(&[found.path.as_os_str().as_encoded_bytes()]);
        Some(Self {
            file: folder.join(format!("{connector}-{name}")),
            made_from: made_from(&found.path, &metadata),
            is_settled: is_settled(&metadata, now),
            connector_file: found.path,
        })
    }

    /// The schema, where it is there and still counts.
    pub(super) fn schema(&self) -> Option<Value> {
        let text = read(&self.file)?;
        let (digest, schema) = text.split_at_checked(DIGEST_CHARS)?;
        let is_whole = digest == self.digest(schema).as_bytes();
        if is_whole { serde_json::from_slice(schema).ok() } else { None }
    }

    /// Keeps the schema of the library that was just loaded. Where that fails, the next run loads it again, and nobody needs to know.
    pub(super) fn keep(&self, schema: &Value) {
        let Ok(text) = serde_json::to_vec(schema) else { return };
        // A number may be read back as another one, in its last digit.
        let is_read_back = serde_json::from_slice::<Value>(&text).is_ok_and(|read| read == *schema);
        if self.is_settled && self.is_library_the_same() && is_read_back {
            let _ = write(&self.file, &[self.digest(&text).as_bytes(), &text]);
        }
    }

    fn is_library_the_same(&self) -> bool {
        fs::metadata(&self.connector_file)
            .is_ok_and(|now| made_from(&self.connector_file, &now) == self.made_from)
    }

    fn digest(&self, schema: &[u8]) -> String {
        hash(&[self.made_from.as_bytes(), schema])
    }
}

/// The program's version and the library's file as it looks from outside. Its path is part of it as it was found: the inode says which file that is.
fn made_from(path: &Path, metadata: &Metadata) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{version} {ABI_VERSION} {FORMAT_VERSION} {path:?} {}\n", stamp(metadata))
}

#[cfg(unix)]
fn stamp(file: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let (changed, renamed) = ((file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec()));
    format!("{} {} {} {changed:?} {renamed:?}", file.len(), file.dev(), file.ino())
}

#[cfg(not(unix))]
fn stamp(file: &Metadata) -> String {
    format!("{} {:?}", file.len(), file.modified().ok())
}

/// Whether a file lies still for so long that its next change will be another moment's.
fn is_settled(file: &Metadata, now: SystemTime) -> bool {
    let lies_still = |since: SystemTime| now.duration_since(since).is_ok_and(|time| time >= SETTLED_AFTER);
    file.modified().is_ok_and(lies_still) && renamed(file).is_none_or(lies_still)
}

/// When the file's name, owner or rights changed last, which nobody can set back.
#[cfg(unix)]
fn renamed(file: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt as _;
    let (seconds, nanos) = (u64::try_from(file.ctime()).ok()?, u64::try_from(file.ctime_nsec()).ok()?);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds) + Duration::from_nanos(nanos))
}

#[cfg(not(unix))]
fn renamed(_: &Metadata) -> Option<SystemTime> {
    None
}

/// Where the system has users keep what can be made again.
fn cache_folder() -> Option<PathBuf> {
    let named = |variable| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let usual = || {
        if cfg!(windows) {
            named("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            named("HOME").map(|home| home.join("Library").join("Caches"))
        } else {
            named("HOME").map(|home| home.join(".cache"))
        }
    };
    named("XDG_CACHE_HOME").or_else(usual).map(|caches| caches.join("stocksync").join("settings"))
}

/// A file of the user's own that nobody else may write; none for any other.
fn read(path: &Path) -> Option<Vec<u8>> {
    // Looked at before it is opened: a pipe would be waited for.
    let is_ours = |file: &Metadata| file.is_file() && is_of_user(file) && !is_open_to_others(file);
    if !is_ours(&fs::symlink_metadata(path).ok()?) {
        return None;
    }
    let file = File::open(path).ok()?;
    let metadata = file.metadata().ok().filter(is_ours)?;
    let bytes_max = (MANIFEST_BYTES_MAX + DIGEST_CHARS) as u64;
    let mut text = Vec::with_capacity(usize::try_from(metadata.len().min(bytes_max)).ok()? + 1);
    file.take(bytes_max + 1).read_to_end(&mut text).ok()?;
    (text.len() as u64 <= bytes_max).then_some(text)
}

/// Writes beside the file, then puts it in its place. It need not be on disk when this is done: what is cut off is not used.
fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    // Whoever runs this as another user with the environment of the first would leave folders behind that the first cannot write.
    let nearest = folder.ancestors().find_map(|folder| fs::metadata(folder).ok());
    if !nearest.is_some_and(|nearest| is_of_user(&nearest)) {
        return Ok(());
    }
    for_user_alone(DirBuilder::new().recursive(true)).create(folder)?;
    let beside = save::beside(path);
    let mut options = OpenOptions::new();
    let written = new_file(options.write(true).create(true).truncate(true))
        .open(&beside)
        .and_then(|mut file| file.write_all(&parts.concat()))
        .and_then(|()| fs::rename(&beside, path));
    written.inspect_err(|_| {
        // What is half written is of no use; that it cannot be removed either changes nothing.
        let _ = fs::remove_file(&beside);
    })
}

#[cfg(unix)]
fn is_of_user(file: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(file) == user()
}

#[cfg(unix)]
fn is_open_to_others(file: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(file) & 0o022 != 0
}

#[cfg(unix)]
fn for_user_alone(folder: &mut DirBuilder) -> &mut DirBuilder {
    std::os::unix::fs::DirBuilderExt::mode(folder, 0o700)
}

#[cfg(unix)]
fn new_file(file: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(file, 0o600)
}

#[cfg(not(unix))]
fn is_of_user(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn for_user_alone(folder: &mut DirBuilder) -> &mut DirBuilder {
    folder
}

#[cfg(not(unix))]
fn new_file(file: &mut OpenOptions) -> &mut OpenOptions {
    file
}

/// A hash of some texts, in hexadecimal. It tells what was cut off or is of another library from what counts; whoever could forge it could as well write
/// what it stands for. Another version of the program may have another.
fn hash(texts: &[&[u8]]) -> String {
    format!("{:0DIGEST_CHARS$x}", FixedState::default().hash_one(texts))
}

#[cfg(test)]
mod tests;
