//! Forgets records that the configuration does not keep any longer.

use super::project::Project;
use super::state::{State, StateFault};
use crate::config::Config;
use jiff::{SignedDuration, Timestamp};

/// So many records are looked at in one transaction.
const RECORDS_MAX: usize = 5_000;

/// So many transactions a run makes of it; the next one goes on.
const TRANSACTIONS_MAX: usize = 20;

/// Forgets some of the records that ended longer ago than `records.keep` says.
pub(super) fn old_records(
    project: &Project,
    state: &mut dyn State,
    now: Timestamp,
) -> Result<(), StateFault> {
    let Some(before) = before(&project.config, now) else { return Ok(()) };
    for _ in 0..TRANSACTIONS_MAX {
        if state.forget_records(before, RECORDS_MAX)?.is_done {
            break;
        }
    }
    Ok(())
}

/// What ended before this moment is not kept; `None` where everything is.
pub(super) fn before(config: &Config, now: Timestamp) -> Option<Timestamp> {
    let keep = SignedDuration::from_secs(i64::try_from(config.records_keep_seconds?).unwrap_or(i64::MAX));
    Some(now.checked_sub(keep).unwrap_or(Timestamp::MIN))
}
