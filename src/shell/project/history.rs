//! What the state knows of earlier runs, for the lints that ask.

use super::Project;
use crate::lint::History;
use crate::rules::StoreId;
use crate::shell::state::{Known, SqliteState, State, StateFault};
use std::path::Path;

/// The listings that were written last; nothing where there is no state yet. No file is made.
pub(super) fn read(project: &Project, state: &Path) -> Result<Option<History>, StateFault> {
    if !state.exists() {
        return Ok(None);
    }
    let mut state = SqliteState::open_for_reading(state)?;
    let mut history = History { written: Vec::new(), orders_known: state.has_orders()? };
    for (at, name) in project.declared.stores.iter().enumerate() {
        let store = StoreId(at as u16);
        state.known(name, &mut |known: Known<'_>| {
            let written = known.written.map(|units| (store, known.store_sku.to_owned(), units));
            history.written.extend(written);
        })?;
    }
    Ok(Some(history))
}
