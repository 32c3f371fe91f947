#![doc = include_str!("../README.md")]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod abi;
pub mod connector;
pub mod ffi;
pub mod flow;
mod guard;
pub mod kit;
pub mod message;
pub mod rows;

pub use connector::{Answer, Connector, Fault, Input};
pub use rows::{Page, Rows, TextColumn};

/// Exports a [`Connector`] under the one symbol that the host looks for. Once in a library, at its top.
#[macro_export]
macro_rules! export_connector {
    ($connector:ty) => {
        const _: () = {
            static TABLE: $crate::ffi::Table = $crate::ffi::Table::new();

            /// What the host asks a connector's library for.
            #[unsafe(no_mangle)]
            pub extern "C" fn stocksync_connector_v1_get() -> *const $crate::abi::ConnectorV1 {
                TABLE.of::<$connector>()
            }
        };
    };
}
