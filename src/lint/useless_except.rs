//! `useless-except`: an exception that takes nothing away.

use super::Context;
use super::items::{Why, idle};
use crate::diagnostic::{Code, Diagnostic, Fix, Level};

/// `useless-except`.
pub(super) static USELESS_EXCEPT: Code = Code {
    code: "SS108",
    name: "useless-except",
    level: Level::Warn,
    what: "an item behind `except` that takes nothing away: no possible SKU, or no name, is both in it and before `except`",
    why: "somebody meant to leave something out, and it is not left out: the exception is misspelt, or what it was an exception from is gone",
    bad: "let nike = \"NIKE-*\" except \"NIK-SAMPLE\"",
    good: "let nike = \"NIKE-*\" except \"NIKE-SAMPLE\"",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for idle in idle(context) {
        let Why::Useless = idle.why else { continue };
        let what = if idle.said.starts_with('"') { "no SKU" } else { "nothing" };
        let message = format!("`{}` takes nothing away: {what} before `except` is in it", idle.said);
        let fix = Fix { safe: true, message: format!("remove `{}`", idle.said), edits: idle.edits.clone() };
        let finding = Diagnostic::new(&USELESS_EXCEPT, idle.span, message);
        found.push(finding.with_help("correct it, or take it out").with_fix(fix));
    }
}
