//! The boundary itself: the only file here with `unsafe`. The plugin's side is [`Table`]; the other side, for hosts and tests, is
//! [`read_rows`] and [`RawPlugin`].
#![expect(unsafe_code, reason = "raw pointers cross the C ABI, and only here")]

use crate::abi::{self, Buf, ConnectorV1, Slice};
use crate::connector::{Answer, Connector, Fault, Input};
use crate::guard::guard;
use crate::message::{Actions, Event, FORMAT_VERSION};
use crate::rows::{BadRows, COLUMNS_MAX, EncodedRows, Page, RawColumn, Rows};
use serde::de::DeserializeOwned;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::OnceLock;

/// Where [`crate::export_connector!`] keeps what the library exports.
#[derive(Debug)]
pub struct Table(OnceLock<Shared>);

#[derive(Debug)]
struct Shared(ConnectorV1);

// SAFETY: its pointers are to functions and to bytes that are never freed, and nothing changes it once it is made.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Table {
    /// Nothing yet.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it stands in a static, where `default` cannot be called")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The table of a connector; null if its manifest panicked.
    pub fn of<C: Connector>(&'static self) -> *const ConnectorV1 {
        guard(|| &raw const self.0.get_or_init(|| Shared(table::<C>())).0).unwrap_or(ptr::null())
    }
}

fn table<C: Connector>() -> ConnectorV1 {
    let manifest: &'static [u8] = serde_json::to_vec(&C::manifest()).unwrap_or_default().leak();
    ConnectorV1 {
        abi_version: abi::ABI_VERSION,
        struct_size: size_of::<ConnectorV1>() as u32,
        manifest: Slice { ptr: manifest.as_ptr(), len: manifest.len() },
        open: Some(open::<C>),
        step: Some(step::<C>),
        close: Some(close::<C>),
        free_buf: Some(free_buf),
    }
}

/// What a session's pointer points to.
struct Live<C> {
    connector: C,
    dead: bool,
    rows_out: EncodedRows,
}

/// # Safety
/// As in `connector.h`: slices are readable, and every other pointer is null or writable, for the call.
unsafe extern "C" fn open<C: Connector>(
    config_json: Slice,
    session: *mut *mut c_void,
    effective_manifest: *mut Buf,
    error: *mut Buf,
) -> i32 {
    let opened = guard(|| {
        if session.is_null() {
            return Err(Fault::bad_input("no place for the session"));
        }
        // SAFETY: the caller's promise.
        let config = parse("config", unsafe { bytes(config_json) })?;
        C::open(config).map_err(Fault::BadInput)
    });
    let connector = match opened {
        Ok(Ok(connector)) => connector,
        // SAFETY: the caller's promise.
        Ok(Err(fault)) => return unsafe { refuse(fault, error) },
        // SAFETY: the caller's promise.
        Err(panic) => return unsafe { panicked(panic, error) },
    };
    // On its own, so that a panic does not meet the connector's `Drop` while it unwinds: that would abort.
    let manifest =
        guard(|| connector.effective_manifest().and_then(|manifest| serde_json::to_vec(&manifest).ok()));
    match manifest {
        Ok(manifest) => {
            let live = Box::new(Live { connector, dead: false, rows_out: EncodedRows::default() });
            // SAFETY: not null, and the caller's promise.
            unsafe {
                put(effective_manifest, manifest.unwrap_or_default());
                put(error, Vec::new());
                session.write(Box::into_raw(live).cast());
            }
            abi::STATUS_OK
        }
        Err(panic) => {
            let _ = guard(|| drop(connector));
            // SAFETY: the caller's promise.
            unsafe { panicked(panic, error) }
        }
    }
}

/// # Safety
/// As in `connector.h`: `session` is null or came from `open` and is not closed; slices and rows are readable, and every other pointer is
/// null or writable, for the call.
unsafe extern "C" fn step<C: Connector>(
    session: *mut c_void,
    event_json: Slice,
    body: Slice,
    rows: *const abi::Rows,
    actions_json: *mut Buf,
    bodies: *mut Buf,
    rows_out: *mut abi::Rows,
    error: *mut Buf,
) -> i32 {
    // SAFETY: the caller's promise; one thread at a time has the session.
    let Some(live) = (unsafe { session.cast::<Live<C>>().as_mut() }) else {
        // SAFETY: the caller's promise.
        return unsafe { refuse(Fault::bad_input("no session"), error) };
    };
    if live.dead {
        // SAFETY: the caller's promise.
        return unsafe { panicked("the session is dead since it panicked".to_owned(), error) };
    }
    let answered = guard(|| {
        // SAFETY: the caller's promise.
        let (event, body, rows) = unsafe { (bytes(event_json), bytes(body), read_rows(rows)) };
        let event: Event = parse("event", event)?;
        let rows = rows.map_err(|why| Fault::BadInput(why.0))?;
        let mut answer =
            live.connector.step(Input { event: &event, body: body.unwrap_or_default(), rows })?;
        live.rows_out = EncodedRows::new(std::mem::take(&mut answer.page))
            .map_err(|why| Fault::WrongState(format!("the connector made bad rows: {why}")))?;
        Ok(answer)
    });
    match answered {
        Ok(Ok(Answer { actions, bodies: bytes, page: _ })) => {
            let actions = serde_json::to_vec(&Actions { format_version: FORMAT_VERSION, actions });
            // SAFETY: the caller's promise.
            unsafe {
                put(actions_json, actions.unwrap_or_default());
                put(bodies, bytes);
                put(error, Vec::new());
                if !rows_out.is_null() {
                    rows_out.write(live.rows_out.as_abi());
                }
            }
            abi::STATUS_OK
        }
        // SAFETY: the caller's promise.
        Ok(Err(fault)) => unsafe { refuse(fault, error) },
        Err(panic) => {
            live.dead = true;
            // SAFETY: the caller's promise.
            unsafe { panicked(panic, error) }
        }
    }
}

/// # Safety
/// `session` is null, or came from `open` and is not used again.
unsafe extern "C" fn close<C: Connector>(session: *mut c_void) {
    if !session.is_null() {
        // SAFETY: `open` made it from a box, and this is its last use.
        let live = unsafe { Box::from_raw(session.cast::<Live<C>>()) };
        let _ = guard(|| drop(live));
    }
}

/// # Safety
/// `buf` is null, or points to a buffer that this library filled, which is not given back twice.
unsafe extern "C" fn free_buf(buf: *mut Buf) {
    // SAFETY: the caller's promise.
    if let Some(buf) = unsafe { buf.as_mut() }
        && !buf.ptr.is_null()
    {
        // SAFETY: `put` took these three from a vector.
        drop(unsafe { Vec::from_raw_parts(buf.ptr, buf.len, buf.cap) });
        *buf = NO_BUF;
    }
}

const NO_BUF: Buf = Buf { ptr: ptr::null_mut(), len: 0, cap: 0 };

/// # Safety
/// `to` is null or writable.
unsafe fn put(to: *mut Buf, bytes: Vec<u8>) {
    if to.is_null() {
        return;
    }
    let mut bytes = ManuallyDrop::new(bytes);
    let buf = match bytes.capacity() {
        0 => NO_BUF,
        cap => Buf { ptr: bytes.as_mut_ptr(), len: bytes.len(), cap },
    };
    // SAFETY: not null, and the caller's promise.
    unsafe { to.write(buf) };
}

/// # Safety
/// `error` is null or writable.
unsafe fn refuse(fault: Fault, error: *mut Buf) -> i32 {
    let (status, message) = match fault {
        Fault::BadInput(message) => (abi::STATUS_BAD_INPUT, message),
        Fault::WrongState(message) => (abi::STATUS_WRONG_STATE, message),
    };
    // SAFETY: the caller's promise.
    unsafe { put(error, message.into_bytes()) };
    status
}

/// # Safety
/// `error` is null or writable.
unsafe fn panicked(message: String, error: *mut Buf) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { put(error, message.into_bytes()) };
    abi::STATUS_PANIC
}

fn parse<T: DeserializeOwned>(what: &str, json: Option<&[u8]>) -> Result<T, Fault> {
    let json = json.ok_or_else(|| Fault::BadInput(format!("no {what}")))?;
    serde_json::from_slice(json)
        .map_err(|why| Fault::BadInput(format!("the {what} could not be read: {why}")))
}

/// # Safety
/// The slice is readable as long as `'a`.
unsafe fn bytes<'a>(slice: Slice) -> Option<&'a [u8]> {
    if slice.ptr.is_null() || isize::try_from(slice.len).is_err() {
        return None;
    }
    // SAFETY: not null, not too long, and the caller's promise.
    Some(unsafe { std::slice::from_raw_parts(slice.ptr, slice.len) })
}

/// Reads rows from the other side, whoever wrote them; null is no rows.
///
/// # Errors
/// What is wrong with them.
///
/// # Safety
/// `rows` is null or readable, its columns are, and each column's bytes, as long as `'a`. Anything may stand in them.
pub unsafe fn read_rows<'a>(rows: *const abi::Rows) -> Result<Rows<'a>, BadRows> {
    // SAFETY: the caller's promise.
    let (len, columns) = unsafe { raw_columns(rows)? };
    Rows::decode(len, &columns)
}

/// # Safety
/// As of [`read_rows`].
unsafe fn raw_columns<'a>(rows: *const abi::Rows) -> Result<(u64, Vec<RawColumn<'a>>), BadRows> {
    // SAFETY: the caller's promise.
    let Some(rows) = (unsafe { rows.as_ref() }) else {
        return Ok((0, Vec::new()));
    };
    let columns_len = rows.columns_len as usize;
    if columns_len == 0 && rows.rows == 0 {
        return Ok((0, Vec::new()));
    }
    if (rows.struct_size as usize) < size_of::<abi::Rows>() || columns_len > COLUMNS_MAX {
        return Err(BadRows(format!("a page of size {} with {columns_len} columns", rows.struct_size)));
    }
    if columns_len > 0 && (rows.columns.is_null() || !rows.columns.is_aligned()) {
        return Err(BadRows("the columns stand nowhere".to_owned()));
    }
    let columns = if columns_len == 0 {
        &[]
    } else {
        // SAFETY: not null, aligned, few, and the caller's promise.
        unsafe { std::slice::from_raw_parts(rows.columns, columns_len) }
    };
    // SAFETY: the caller's promise.
    let raw = columns.iter().map(|column| unsafe { raw_column(column) });
    Ok((rows.rows, raw.collect::<Result<_, _>>()?))
}

/// # Safety
/// The column's bytes are readable as long as `'a`.
unsafe fn raw_column<'a>(column: &abi::Column) -> Result<RawColumn<'a>, BadRows> {
    let align = match column.kind {
        abi::column_kind::TEXT | abi::column_kind::U32 => 4,
        abi::column_kind::I64 => align_of::<i64>(),
        _ => 1,
    };
    if !column.ptr.addr().is_multiple_of(align) {
        return Err(BadRows(format!("column {} is not aligned", column.id)));
    }
    // SAFETY: the caller's promise.
    let bytes = match unsafe { bytes(Slice { ptr: column.ptr.cast(), len: column.len }) } {
        Some(bytes) => bytes,
        None if column.len == 0 => &[],
        None => return Err(BadRows(format!("column {} stands nowhere", column.id))),
    };
    Ok(RawColumn { id: column.id, kind: column.kind, bytes })
}

/// A connector as tests see it: only through its table, whatever it was written in.
#[derive(Clone, Copy, Debug)]
pub struct RawPlugin(&'static ConnectorV1);

// SAFETY: as of `Shared`: the table does not change, and the ABI lets different threads have different sessions.
unsafe impl Send for RawPlugin {}
// SAFETY: as above.
unsafe impl Sync for RawPlugin {}

/// A status that is not 0, and its message.
pub type Refusal = (i32, String);

impl RawPlugin {
    /// The table of a connector in Rust, without a library.
    #[must_use]
    pub fn of<C: Connector>() -> Self {
        Self(Box::leak(Box::new(table::<C>())))
    }

    /// What a library's symbol returned.
    ///
    /// # Errors
    /// A null pointer, another ABI, a shorter struct.
    ///
    /// # Safety
    /// `table` is null or a table as in `connector.h`, of a library that is never unloaded.
    pub unsafe fn new(table: *const ConnectorV1) -> Result<Self, String> {
        // SAFETY: the caller's promise.
        let table = unsafe { table.as_ref() }.ok_or("the library has no table")?;
        let whole = table.struct_size as usize >= size_of::<ConnectorV1>();
        if table.abi_version == abi::ABI_VERSION && whole {
            return Ok(Self(table));
        }
        Err(format!("ABI {} with a table of {} bytes", table.abi_version, table.struct_size))
    }

    /// The manifest's bytes.
    #[must_use]
    pub fn manifest(&self) -> &'static [u8] {
        // SAFETY: the manifest is static, as `connector.h` has it.
        unsafe { bytes(self.0.manifest) }.unwrap_or_default()
    }

    /// Opens a session.
    ///
    /// # Errors
    /// What the connector refused it with.
    pub fn open(&self, config_json: &[u8]) -> Result<RawSession, Refusal> {
        let (mut session, mut manifest, mut error) = (ptr::null_mut(), NO_BUF, NO_BUF);
        let open = self.0.open.ok_or_else(|| (abi::STATUS_BAD_INPUT, "no `open`".to_owned()))?;
        // SAFETY: everything pointed to lives through the call.
        let status = unsafe { open(slice(config_json), &raw mut session, &raw mut manifest, &raw mut error) };
        let (effective_manifest, error) = (self.take(manifest), self.take(error));
        if status == abi::STATUS_OK {
            return Ok(RawSession { plugin: *self, session, effective_manifest });
        }
        Err((status, String::from_utf8_lossy(&error).into_owned()))
    }

    fn take(&self, mut buf: Buf) -> Vec<u8> {
        // SAFETY: the plugin filled it in the call just before; it is readable until it is given back.
        let copy = unsafe { bytes(Slice { ptr: buf.ptr, len: buf.len }) }.unwrap_or_default().to_vec();
        if let Some(free_buf) = self.0.free_buf {
            // SAFETY: it is given back once.
            unsafe { free_buf(&raw mut buf) };
        }
        copy
    }
}

fn slice(bytes: &[u8]) -> Slice {
    Slice { ptr: bytes.as_ptr(), len: bytes.len() }
}

/// A session of a [`RawPlugin`]; closed when dropped.
#[derive(Debug)]
pub struct RawSession {
    plugin: RawPlugin,
    session: *mut c_void,
    /// What `open` gave for a manifest; empty where the static one holds.
    pub effective_manifest: Vec<u8>,
}

// SAFETY: the ABI lets a session move between threads.
unsafe impl Send for RawSession {}

/// What a step gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawAnswer {
    /// The actions, as JSON.
    pub actions_json: Vec<u8>,
    /// The bytes beside them.
    pub bodies: Vec<u8>,
    /// The rows beside them.
    pub page: Page,
}

impl RawSession {
    /// One step.
    ///
    /// # Errors
    /// What the connector refused it with.
    pub fn step(&mut self, event_json: &[u8], body: &[u8], page: &Page) -> Result<RawAnswer, Refusal> {
        let bad = |why: String| (abi::STATUS_BAD_INPUT, why);
        let step = self.plugin.0.step.ok_or_else(|| bad("no `step`".to_owned()))?;
        let encoded = EncodedRows::new(page.clone()).map_err(|why| bad(why.0))?;
        let rows = encoded.as_abi();
        let mut out =
            abi::Rows { struct_size: rows.struct_size, columns_len: 0, rows: 0, columns: ptr::null() };
        let (mut actions, mut bodies, mut error) = (NO_BUF, NO_BUF, NO_BUF);
        // SAFETY: everything pointed to lives through the call, and the session is open.
        let status = unsafe {
            let (event, body) = (slice(event_json), slice(body));
            step(
                self.session,
                event,
                body,
                &rows,
                &raw mut actions,
                &raw mut bodies,
                &raw mut out,
                &raw mut error,
            )
        };
        let [actions_json, bodies, error] = [actions, bodies, error].map(|buf| self.plugin.take(buf));
        if status != abi::STATUS_OK {
            return Err((status, String::from_utf8_lossy(&error).into_owned()));
        }
        // SAFETY: `rows_out` is valid until the next step.
        let (len, columns) = unsafe { raw_columns(&out) }.map_err(|why| bad(why.0))?;
        Rows::decode(len, &columns).map_err(|why| bad(why.0))?;
        Ok(RawAnswer { actions_json, bodies, page: Page::copied(len, &columns) })
    }
}

impl Drop for RawSession {
    fn drop(&mut self) {
        if let Some(close) = self.plugin.0.close {
            // SAFETY: it is closed once.
            unsafe { close(self.session) };
        }
    }
}
