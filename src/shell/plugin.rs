//! Opens a plugin's library and calls it: all unsafe code of this package.
//!
//! Nothing that a plugin writes is believed: every pointer, length and status is looked at before it is used. What cannot be
//! checked — that a pointer points to what it says — is the trust that a loaded library is given.
#![expect(unsafe_code, reason = "the C ABI of the plugins is spoken here, and nowhere else")]

mod image;

pub(super) use image::Image;

use super::fault::{PluginFault, clean};
use super::isolate::{self, Library};
use super::locate::{self, Search};
use super::watchdog::Hands;
use std::ffi::c_void;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::Arc;
use stocksync_sdk::abi::{ABI_VERSION, Buf, Column, ConnectorV1, Rows, STATUS_OK, SYMBOL, Slice};
use stocksync_sdk::message::{FORMAT_VERSION, Manifest};
use stocksync_sdk::rows::{BadRows, EncodedRows, Page, RawColumn};

/// The largest manifest, in bytes.
pub const MANIFEST_BYTES_MAX: usize = 1 << 20;
/// The largest JSON that a step may answer, in bytes.
pub const ACTIONS_BYTES_MAX: usize = 8 << 20;
/// The most bytes of bodies that a step may answer.
pub const BODIES_BYTES_MAX: usize = 64 << 20;
/// The most bytes of columns that a step may answer.
pub const ROWS_BYTES_MAX: usize = 256 << 20;
/// The most rows of a page.
pub const PAGE_ROWS_MAX: usize = 65_536;
/// The most columns of a page.
pub const COLUMNS_MAX: usize = 64;
const ERROR_BYTES_MAX: usize = 64 << 10;

type OpenFn = unsafe extern "C" fn(Slice, *mut *mut c_void, *mut Buf, *mut Buf) -> i32;
type StepFn = unsafe extern "C" fn(
    *mut c_void,
    Slice,
    Slice,
    *const Rows,
    *mut Buf,
    *mut Buf,
    *mut Rows,
    *mut Buf,
) -> i32;

/// A loaded plugin. It stays loaded for as long as the process lives.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What it says of itself. Each operation has a session with a plugin of its own, which shares this.
    pub manifest: Arc<Manifest>,
    /// Its file.
    pub path: PathBuf,
    /// None where it is loaded in a process of its own, and not here.
    table: Option<Table>,
    image: Arc<Image>,
    hands: Arc<Hands>,
}

impl Opened {
    /// The threads that its sessions run on.
    pub(super) fn hands(&self) -> &Arc<Hands> {
        &self.hands
    }

    /// Its library, where it is loaded in a process of its own.
    pub(super) fn apart(&self) -> Option<Library<'_>> {
        let library = || Library { name: &self.manifest.name, path: &self.path, sha256: self.sha256() };
        self.table.is_none().then(library)
    }

    /// The SHA-256 of the bytes that were loaded, in hexadecimal; worked out when it is first asked for.
    pub fn sha256(&self) -> &str {
        self.image.sha256()
    }
}

#[derive(Clone, Copy, Debug)]
struct Table {
    open: OpenFn,
    step: StepFn,
    close: unsafe extern "C" fn(*mut c_void),
    free_buf: unsafe extern "C" fn(*mut Buf),
}

/// Finds, checks and loads the connector of a name.
///
/// # Errors
/// Whatever keeps it from being used, in one line.
pub fn open(name: &str, search: &Search) -> Result<Opened, PluginFault> {
    let read = read(name, search, true)?;
    let fault = |what: String| read.fault(name, &what);
    let (table, manifest) = load(&read.path, &read.image).map_err(fault)?;
    let manifest = read_manifest(&manifest, name).map_err(fault)?;
    Ok(read.opened(manifest, Some(table)))
}

/// The same in a process of its own: nothing of it runs in this one, now or later.
///
/// # Errors
/// As of [`open`].
pub(super) fn open_apart(name: &str, search: &Search) -> Result<Opened, PluginFault> {
    apart(name, read(name, search, true)?)
}

/// The same of a library that nobody has said is to be trusted, to see what it says of itself.
///
/// # Errors
/// As of [`open`].
pub(super) fn probe(name: &str, search: &Search) -> Result<Opened, PluginFault> {
    apart(name, read(name, search, false)?)
}

fn apart(name: &str, read: Read) -> Result<Opened, PluginFault> {
    let library = Library { name, path: &read.path, sha256: read.image.sha256() };
    let manifest = isolate::probe(library)
        .and_then(|manifest| read_manifest(&manifest, name))
        .map_err(|what| read.fault(name, &what))?;
    Ok(read.opened(manifest, None))
}

/// Loads the library of this hash and no other: in the process that is there for it.
pub(super) fn open_library(library: &Library<'_>) -> Result<Opened, String> {
    let found = locate::open(library.path).map_err(|fault| fault.what)?;
    let image = locate::read(&found, user()).map_err(|fault| fault.what)?;
    if image.sha256() != library.sha256 {
        return Err("was changed while it was loaded".to_owned());
    }
    let (table, manifest) = load(&found.path, &image)?;
    let manifest = read_manifest(&manifest, library.name)?;
    Ok(Read { path: found.path, image }.opened(manifest, Some(table)))
}

/// A library's bytes, which may be loaded.
struct Read {
    path: PathBuf,
    image: Arc<Image>,
}

impl Read {
    fn opened(self, manifest: Manifest, table: Option<Table>) -> Opened {
        let (manifest, hands) = (Arc::new(manifest), Arc::default());
        Opened { manifest, path: self.path, table, image: self.image, hands }
    }

    fn fault(&self, name: &str, what: &str) -> PluginFault {
        PluginFault::new(format!("connector `{name}` (`{}`) {what}", self.path.display()))
    }
}

fn read(name: &str, search: &Search, trusted: bool) -> Result<Read, PluginFault> {
    let found = locate::find(name, &search.folders)?;
    let image = locate::read(&found, user())?;
    let read = Read { path: found.path, image };
    if trusted {
        search.trust(name, &read.path, || read.image.sha256().to_owned())?;
    }
    Ok(read)
}

/// Reads a manifest and checks that it is the one of a connector.
pub(super) fn read_manifest(json: &[u8], name: &str) -> Result<Manifest, String> {
    let manifest: Manifest = serde_json::from_slice(json)
        .map_err(|error| format!("has a manifest that cannot be read: {}", clean(&error.to_string())))?;
    if manifest.format_version != FORMAT_VERSION {
        return Err(format!(
            "has a manifest of format {}, this program reads format {FORMAT_VERSION}",
            manifest.format_version
        ));
    }
    if manifest.name != name {
        return Err(format!("calls itself `{}`", clean(&manifest.name)));
    }
    if manifest.quantity.min > manifest.quantity.max {
        return Err("has a manifest whose smallest quantity is above its largest".to_owned());
    }
    Ok(manifest)
}

fn load(path: &Path, image: &Arc<Image>) -> Result<(Table, Vec<u8>), String> {
    let library = dlopen(path, image)?;
    // SAFETY: the symbol is what the ABI defines it to be; a library that exports another thing under this name is trusted code that lies.
    let get = unsafe { library.get::<unsafe extern "C" fn() -> *const ConnectorV1>(SYMBOL.as_bytes()) }
        .map(|symbol| *symbol)
        .map_err(|_| format!("is no connector: it does not export `{SYMBOL}`"));
    // A library whose code may have left threads or thread-locals behind cannot be unloaded soundly.
    std::mem::forget(library);
    // SAFETY: the function takes nothing and returns a pointer, which is checked before use.
    let connector = unsafe { get?() };
    read_table(connector)
}

fn read_table(connector: *const ConnectorV1) -> Result<(Table, Vec<u8>), String> {
    if connector.is_null() || !connector.is_aligned() {
        return Err("gives no table of functions".to_owned());
    }
    let head = connector.cast::<u32>();
    // SAFETY: not null and aligned; every version of the table starts with these two numbers.
    let (version, size) = unsafe { (head.read(), head.add(1).read()) };
    if version != ABI_VERSION {
        return Err(format!("speaks ABI version {version}, this program speaks version {ABI_VERSION}"));
    }
    if (size as usize) < size_of::<ConnectorV1>() {
        return Err(format!(
            "has a table of {size} bytes, version {ABI_VERSION} has {}",
            size_of::<ConnectorV1>()
        ));
    }
    // SAFETY: the table is as large as version 1 at least, and its functions are null or valid.
    let table = unsafe { connector.read() };
    let manifest = table.manifest;
    if manifest.ptr.is_null() || manifest.len == 0 || manifest.len > MANIFEST_BYTES_MAX {
        return Err(format!("has no manifest, or one above {MANIFEST_BYTES_MAX} bytes"));
    }
    // SAFETY: not null, of a sane length, and static by the ABI.
    let json = unsafe { std::slice::from_raw_parts(manifest.ptr, manifest.len) }.to_vec();
    match (table.open, table.step, table.close, table.free_buf) {
        (Some(open), Some(step), Some(close), Some(free_buf)) => {
            Ok((Table { open, step, close, free_buf }, json))
        }
        _ => Err("has a table with a missing function".to_owned()),
    }
}

/// What a step answered, copied out of the plugin's memory.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) actions: Vec<u8>,
    pub(super) bodies: Vec<u8>,
    rows: u64,
    columns: Vec<Owned>,
}

/// Id, kind and bytes of a column.
type Owned = (u32, u32, Vec<u8>);

impl Output {
    /// What came out of another process, held to the same limits.
    pub(super) fn of_parts(
        actions: Vec<u8>,
        bodies: Vec<u8>,
        rows: u64,
        columns: Vec<Owned>,
    ) -> Result<Self, String> {
        let bytes: usize = columns.iter().map(|(.., bytes)| bytes.len()).sum();
        let within = actions.len() <= ACTIONS_BYTES_MAX
            && bodies.len() <= BODIES_BYTES_MAX
            && bytes <= ROWS_BYTES_MAX
            && rows <= PAGE_ROWS_MAX as u64
            && columns.len() <= COLUMNS_MAX;
        if within {
            Ok(Self { actions, bodies, rows, columns })
        } else {
            Err("gave more than is taken".to_owned())
        }
    }

    /// The same, taken apart.
    pub(super) fn into_parts(self) -> (Vec<u8>, Vec<u8>, u64, Vec<Owned>) {
        (self.actions, self.bodies, self.rows, self.columns)
    }

    pub(super) fn has_rows(&self) -> bool {
        self.rows > 0
    }

    /// The rows beside the actions, checked.
    pub(super) fn rows(&self) -> Result<stocksync_sdk::rows::Rows<'_>, BadRows> {
        let columns: Vec<_> =
            self.columns.iter().map(|(id, kind, bytes)| RawColumn { id: *id, kind: *kind, bytes }).collect();
        stocksync_sdk::rows::Rows::decode(self.rows, &columns)
    }
}

/// A session of a plugin: one thread at a time, closed when dropped.
pub(super) struct Session {
    table: Table,
    session: *mut c_void,
}

// SAFETY: the ABI lets a session move between threads, as long as one at a time uses it; all uses take `&mut self`.
unsafe impl Send for Session {}

impl Session {
    /// Opens a session; with it the effective manifest, empty where the static one holds.
    pub(super) fn open(plugin: &Opened, config: &[u8]) -> Result<(Self, Vec<u8>), String> {
        let table = plugin.table.ok_or("is not loaded in this process")?;
        let (mut session, mut manifest, mut error) = (null_mut(), EMPTY, EMPTY);
        // SAFETY: the slice outlives the call, and the out pointers are valid for it.
        let status =
            unsafe { (table.open)(slice(config), &raw mut session, &raw mut manifest, &raw mut error) };
        let manifest = table.take(manifest, MANIFEST_BYTES_MAX, "manifest");
        let error = table.take(error, ERROR_BYTES_MAX, "error");
        check_status(status, "open", error)?;
        // Owned before the manifest is judged, so that a faulty one still closes the session.
        let session = Self { table, session };
        Ok((session, manifest?))
    }

    pub(super) fn step(&mut self, event: &[u8], body: &[u8], rows: &Page) -> Result<Output, String> {
        let rows = EncodedRows::new(rows.clone()).map_err(|bad| bad.to_string())?;
        let rows_in = rows.as_abi();
        let (mut actions, mut bodies, mut error) = (EMPTY, EMPTY, EMPTY);
        let mut rows_out = Rows {
            struct_size: size_of::<Rows>() as u32,
            columns_len: 0,
            rows: 0,
            columns: std::ptr::null(),
        };
        // SAFETY: the session is open and ours alone; slices and rows outlive the call, and the out pointers are valid for it.
        let status = unsafe {
            (self.table.step)(
                self.session,
                slice(event),
                slice(body),
                &raw const rows_in,
                &raw mut actions,
                &raw mut bodies,
                &raw mut rows_out,
                &raw mut error,
            )
        };
        let actions = self.table.take(actions, ACTIONS_BYTES_MAX, "actions");
        let bodies = self.table.take(bodies, BODIES_BYTES_MAX, "bodies");
        let error = self.table.take(error, ERROR_BYTES_MAX, "error");
        check_status(status, "step", error)?;
        let columns = copy_columns(&rows_out)?;
        Ok(Output { actions: actions?, bodies: bodies?, rows: rows_out.rows, columns })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: opened once, closed once, and not used after.
        unsafe { (self.table.close)(self.session) }
    }
}

impl Table {
    /// Copies a buffer of the plugin's and gives it back, whatever is in it.
    fn take(&self, mut buf: Buf, bytes_max: usize, what: &str) -> Result<Vec<u8>, String> {
        let taken = if buf.ptr.is_null() {
            if buf.len == 0 {
                Ok(Vec::new())
            } else {
                Err(format!("gave {what} of {} bytes at no address", buf.len))
            }
        } else if buf.len > buf.cap {
            Err(format!("gave {what} of {} bytes in {} allocated ones", buf.len, buf.cap))
        } else if buf.len > bytes_max {
            Err(format!("gave {} bytes of {what}, at most {bytes_max} are taken", buf.len))
        } else {
            // SAFETY: not null, and the plugin says that so many bytes hold something.
            Ok(unsafe { std::slice::from_raw_parts(buf.ptr, buf.len) }.to_vec())
        };
        if !buf.ptr.is_null() {
            // SAFETY: the buffer came from this plugin and is given back once.
            unsafe { (self.free_buf)(&raw mut buf) }
        }
        taken
    }
}

fn check_status(status: i32, call: &str, error: Result<Vec<u8>, String>) -> Result<(), String> {
    if status == STATUS_OK {
        return Ok(());
    }
    let said = clean(&String::from_utf8_lossy(&error?));
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    Err(match status {
        1 => format!("refused its input in `{call}`{said}"),
        2 => format!("was in a wrong state in `{call}`{said}"),
        3 => format!("panicked in `{call}`{said}"),
        other => format!("answered `{call}` with the unknown status {other}{said}"),
    })
}

fn copy_columns(rows: &Rows) -> Result<Vec<(u32, u32, Vec<u8>)>, String> {
    let count = rows.columns_len as usize;
    if (rows.struct_size as usize) < size_of::<Rows>() {
        return Err(format!("gave rows of a struct of {} bytes", rows.struct_size));
    }
    if rows.rows > PAGE_ROWS_MAX as u64 {
        return Err(format!("gave a page of {} rows, at most {PAGE_ROWS_MAX} are taken", rows.rows));
    }
    if count > COLUMNS_MAX {
        return Err(format!("gave {count} columns, at most {COLUMNS_MAX} are taken"));
    }
    if count == 0 {
        return if rows.rows == 0 { Ok(Vec::new()) } else { Err("gave rows without columns".to_owned()) };
    }
    if rows.columns.is_null() || !rows.columns.is_aligned() {
        return Err("gave columns at no address".to_owned());
    }
    // SAFETY: not null, aligned, of a sane number, and the plugin's own until its next step.
    let columns = unsafe { std::slice::from_raw_parts(rows.columns, count) };
    let mut room = ROWS_BYTES_MAX;
    columns.iter().map(|column| copy_column(column, &mut room)).collect()
}

fn copy_column(column: &Column, room: &mut usize) -> Result<(u32, u32, Vec<u8>), String> {
    if column.len == 0 {
        return Ok((column.id, column.kind, Vec::new()));
    }
    if column.ptr.is_null() {
        return Err(format!("gave column {} at no address", column.id));
    }
    *room = room
        .checked_sub(column.len)
        .ok_or_else(|| format!("gave more than {ROWS_BYTES_MAX} bytes of columns"))?;
    // SAFETY: not null, of a sane length, and the plugin's own until its next step.
    let bytes = unsafe { std::slice::from_raw_parts(column.ptr.cast::<u8>(), column.len) };
    Ok((column.id, column.kind, bytes.to_vec()))
}

const EMPTY: Buf = Buf { ptr: null_mut(), len: 0, cap: 0 };

fn slice(bytes: &[u8]) -> Slice {
    let ptr = if bytes.is_empty() { std::ptr::null() } else { bytes.as_ptr() };
    Slice { ptr, len: bytes.len() }
}

#[cfg(unix)]
pub(super) fn user() -> u32 {
    unsafe extern "C" {
        safe fn geteuid() -> u32;
    }
    geteuid()
}

#[cfg(not(unix))]
pub(super) fn user() -> u32 {
    0
}

#[cfg(unix)]
fn dlopen(path: &Path, image: &Arc<Image>) -> Result<libloading::os::unix::Library, String> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    let sealed = image.path().unwrap_or_else(|| path.to_path_buf());
    // Left open for good: the loader knows libraries by their path, and a number used again would give it this one.
    std::mem::forget(Arc::clone(image));
    // SAFETY: constructors of the library run here: it is trusted code, found where the user keeps it.
    unsafe { Library::open(Some(&sealed), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        let said = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        format!("cannot be loaded: {}", clean(&said.replace(&*sealed.to_string_lossy(), "it")))
    })
}

#[cfg(not(unix))]
fn dlopen(path: &Path, _: &Arc<Image>) -> Result<libloading::Library, String> {
    // SAFETY: constructors of the library run here: it is trusted code, found where the user keeps it.
    unsafe { libloading::Library::new(path) }
        .map_err(|error| format!("cannot be loaded: {}", clean(&error.to_string())))
}

/// A file in memory that can be sealed; none where the system has no such thing.
#[cfg(target_os = "linux")]
fn memory_file() -> Option<File> {
    use std::ffi::{c_char, c_int, c_uint};
    use std::os::fd::FromRawFd;
    unsafe extern "C" {
        fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
    }
    const CLOEXEC_AND_SEALING: c_uint = 1 | 2;
    // SAFETY: the name is a C string.
    let fd = unsafe { memfd_create(c"stocksync-plugin".as_ptr(), CLOEXEC_AND_SEALING) };
    // SAFETY: the descriptor was made above and is owned by nothing else.
    (fd >= 0).then(|| unsafe { File::from_raw_fd(fd) })
}

/// Sees to it that nobody changes a file in memory from now on.
#[cfg(target_os = "linux")]
fn seal(memory: &File) -> bool {
    use std::ffi::c_int;
    use std::os::fd::AsRawFd;
    unsafe extern "C" {
        fn fcntl(fd: c_int, command: c_int, ...) -> c_int;
    }
    const ADD_SEALS: c_int = 1033;
    const SEAL_SHRINK_GROW_WRITE: c_int = 1 | 2 | 4 | 8;
    // SAFETY: the descriptor is open.
    unsafe { fcntl(memory.as_raw_fd(), ADD_SEALS, SEAL_SHRINK_GROW_WRITE) == 0 }
}

#[cfg(not(target_os = "linux"))]
fn memory_file() -> Option<File> {
    None
}

#[cfg(not(target_os = "linux"))]
fn seal(_: &File) -> bool {
    false
}
