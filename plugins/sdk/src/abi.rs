//! The C ABI, as in `connector.h`: plain structs, no logic. Fields are only ever added at the end.

use std::ffi::c_void;

/// The version of this ABI.
pub const ABI_VERSION: u32 = 1;

/// The one exported symbol.
pub const SYMBOL: &str = "stocksync_connector_v1_get";

/// Done.
pub const STATUS_OK: i32 = 0;
/// The input could not be understood; the message is in `error`.
pub const STATUS_BAD_INPUT: i32 = 1;
/// Not possible in this state of the session.
pub const STATUS_WRONG_STATE: i32 = 2;
/// The connector panicked; the session is dead.
pub const STATUS_PANIC: i32 = 3;

/// Bytes borrowed for the call; null and 0 for none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Slice {
    /// The first byte.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

/// Bytes of the plugin's own, given back by `free_buf`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Buf {
    /// The first byte, or null.
    pub ptr: *mut u8,
    /// How many bytes hold something.
    pub len: usize,
    /// How many bytes were allocated.
    pub cap: usize,
}

/// What a column holds: see [`column_id`] and [`column_kind`].
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Which column: one of [`column_id`]; an unknown one is ignored.
    pub id: u32,
    /// How it is laid out: one of [`column_kind`].
    pub kind: u32,
    /// The first byte, aligned for its kind.
    pub ptr: *const c_void,
    /// How many bytes.
    pub len: usize,
}

/// A page of rows as columns.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// The size of this struct as the writer knows it, in bytes.
    pub struct_size: u32,
    /// How many columns.
    pub columns_len: u32,
    /// How many rows each column has.
    pub rows: u64,
    /// The columns.
    pub columns: *const Column,
}

/// Which column: the ids of version 1.
pub mod column_id {
    /// Text: the store SKU.
    pub const STORE_SKU: u32 = 1;
    /// Text: the marketplace's own address of a store SKU, opaque to the host.
    pub const ADDRESS: u32 = 2;
    /// I64: the quantity, in the store's `quantity_kind`.
    pub const QUANTITY: u32 = 3;
    /// I64: units held by open orders, for `on_hand` stores.
    pub const HELD: u32 = 4;
    /// I64, with validity: the quantity that a conditional write expects.
    pub const EXPECTED: u32 = 5;
    /// U8: one of [`super::outcome`].
    pub const OUTCOME: u32 = 6;
    /// Text: the ticket of an accepted write.
    pub const TICKET: u32 = 7;
    /// Text: the marketplace's own code and words, or a title.
    pub const TEXT: u32 = 8;
    /// U32: the index of a row in the page it answers (in `rows_out` of `write` and `poll`).
    pub const INDEX: u32 = 9;
    /// Text: the parent product of a listing.
    pub const PARENT: u32 = 10;
}

/// How a column is laid out.
pub mod column_kind {
    /// `rows` little-endian `uint32_t` ends, then the UTF-8 bytes of all texts.
    pub const TEXT: u32 = 1;
    /// `rows` `int64_t`.
    pub const I64: u32 = 2;
    /// `rows` `uint8_t`.
    pub const U8: u32 = 3;
    /// `rows` `uint8_t`: 1 where the column of the same id that stands before it has a value, 0 where not.
    pub const VALIDITY: u32 = 4;
    /// `rows` `uint32_t`.
    pub const U32: u32 = 5;
}

/// What became of one item of a write.
pub mod outcome {
    /// The store shows it.
    pub const SENT: u8 = 1;
    /// Refused for good: [`super::column_id::TEXT`] says why, beginning with `not-found`, `rejected`, `locked` … and a colon.
    pub const FAILED: u8 = 2;
    /// The expected number was not there.
    pub const CONFLICT: u8 = 3;
    /// Taken, to be asked for by `poll`.
    pub const ACCEPTED: u8 = 4;
}

/// What a plugin exports.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ConnectorV1 {
    /// [`ABI_VERSION`].
    pub abi_version: u32,
    /// The size of this struct as the plugin knows it, in bytes.
    pub struct_size: u32,
    /// Static JSON: a [`crate::message::Manifest`].
    pub manifest: Slice,
    /// Opens a session for one store. `effective_manifest` is empty where the static one holds.
    pub open: Option<
        unsafe extern "C" fn(
            config_json: Slice,
            session: *mut *mut c_void,
            effective_manifest: *mut Buf,
            error: *mut Buf,
        ) -> i32,
    >,
    /// One event in, actions out.
    pub step: Option<
        unsafe extern "C" fn(
            session: *mut c_void,
            event_json: Slice,
            body: Slice,
            rows: *const Rows,
            actions_json: *mut Buf,
            bodies: *mut Buf,
            rows_out: *mut Rows,
            error: *mut Buf,
        ) -> i32,
    >,
    /// Ends a session.
    pub close: Option<unsafe extern "C" fn(session: *mut c_void)>,
    /// Takes a buffer back.
    pub free_buf: Option<unsafe extern "C" fn(buf: *mut Buf)>,
}

/// The layout, field by field: the same numbers stand in `connector.h`. What is here never changes; fields are only added.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<Slice>() == 16 && offset_of!(Slice, ptr) == 0 && offset_of!(Slice, len) == 8);
    assert!(size_of::<Buf>() == 24 && offset_of!(Buf, len) == 8 && offset_of!(Buf, cap) == 16);
    assert!(size_of::<Column>() == 24 && offset_of!(Column, id) == 0 && offset_of!(Column, kind) == 4);
    assert!(offset_of!(Column, ptr) == 8 && offset_of!(Column, len) == 16);
    assert!(
        size_of::<Rows>() == 24 && offset_of!(Rows, struct_size) == 0 && offset_of!(Rows, columns_len) == 4
    );
    assert!(offset_of!(Rows, rows) == 8 && offset_of!(Rows, columns) == 16);
    assert!(size_of::<ConnectorV1>() == 56 && offset_of!(ConnectorV1, abi_version) == 0);
    assert!(offset_of!(ConnectorV1, struct_size) == 4 && offset_of!(ConnectorV1, manifest) == 8);
    assert!(offset_of!(ConnectorV1, open) == 24 && offset_of!(ConnectorV1, step) == 32);
    assert!(offset_of!(ConnectorV1, close) == 40 && offset_of!(ConnectorV1, free_buf) == 48);
};
