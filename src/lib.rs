//! Keeps the stock numbers of many stores right, by rules as code.
//!
//! ```text
//! text ──syntax──▶ Ast ──check──▶ Checked ──no fault──▶ RuleSet ──eval──▶ Desired ──diff──▶ Plan ──dispatch──▶ Record
//!                           ▲         │                            ▲           ▲                   ▲
//!                   declared names    └─▶ lint            stock, mappings   live numbers     connector plugins
//! ```
//!
//! Everything but [`shell`] is pure and synchronous: a function from plain data to plain data. Clock, files,
//! network and randomness come in as arguments.

// What `pest_derive` writes without its feature `std`, which would ask for the depth of the stack at every call.
extern crate alloc;

pub mod backtest;
pub mod catalog;
pub(crate) mod cell;
pub mod check;
pub mod compare;
pub mod config;
pub mod diagnostic;
pub mod diff;
pub mod dispatch;
pub mod drift;
pub mod edit;
pub mod eval;
pub mod fix;
pub mod fmt;
pub(crate) mod fold;
pub(crate) mod hash;
pub(crate) mod hex;
pub mod ide;
pub mod lint;
pub mod mapping;
pub mod orders;
pub mod pattern;
pub mod plan;
pub mod record;
pub mod report;
pub mod rules;
pub mod ruletest;
pub mod source;
pub mod syntax;
pub mod threads;
pub mod trace;

#[cfg(feature = "cli")]
pub mod shell;
