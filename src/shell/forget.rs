//! Forgets records that the configuration does not keep any longer.

use super::project::Project;
use super::state::{State, StateFault};
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
    let Some(seconds) = project.config.records_keep_seconds else { return Ok(()) };
    let keep = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    let before = now.checked_sub(keep).unwrap_or(Timestamp::MIN);
    for _ in 0..TRANSACTIONS_MAX {
        if state.forget_records(before, RECORDS_MAX)?.is_done {
            break;
        }
    }
    Ok(())
}
