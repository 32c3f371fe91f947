//! No panic crosses the boundary.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work`; a panic in it becomes one line.
pub(crate) fn guard<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(keep_quiet_where_guarded);
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied().map(str::to_owned);
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        // A payload's own `Drop` may panic too; what comes out of that is left where it is.
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(again);
        }
        let place = PLACE.take();
        let line = text.unwrap_or_default().replace(['\n', '\r'], " ");
        format!("the connector panicked{place}: {line}")
    });
    GUARDED.set(outer);
    result
}

/// A panic that is caught is an answer to the host, not text on its standard error. A library has its own hook.
fn keep_quiet_where_guarded() {
    let before = take_hook();
    set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if !GUARDED.get() {
            return before(info);
        }
        let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        PLACE.set(place);
    }));
}

#[cfg(test)]
mod tests {
    use super::guard;
    use std::panic::panic_any;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    #[test]
    fn a_panic_is_a_line() {
        assert_eq!(guard(|| 7), Ok(7));
        let line = guard(|| panic_any("two\nlines")).err().unwrap_or_default();
        assert!(line.starts_with("the connector panicked at ") && line.ends_with(": two lines"), "{line}");
        assert!(guard(|| panic_any(format!("owned {}", 1))).err().unwrap_or_default().ends_with(": owned 1"));
    }

    #[test]
    fn a_payload_that_panics_when_dropped() {
        assert!(guard(|| panic_any(Bomb)).is_err());
        assert!(guard(|| drop(Bomb)).is_err());
    }
}
