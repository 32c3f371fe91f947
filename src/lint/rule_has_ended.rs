//! `rule-has-ended`: a rule whose window is over.

use super::Context;
use super::whole_lines::removal;
use crate::diagnostic::{Code, Diagnostic, Fix, Level};

/// `rule-has-ended`.
pub(super) static RULE_HAS_ENDED: Code = Code {
    code: "SS109",
    name: "rule-has-ended",
    level: Level::Warn,
    what: "a rule that is on and whose window lies wholly in the past",
    why: "it takes nothing any more, and who reads the rules has to work that out first; the versions that were in force are kept without it",
    bad: "# today is 2027-01-05\nrule \"Year-end campaign\" {\n  order 1\n  active from 2026-12-12 until 2026-12-13\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n}",
    good: "rule \"Year-end campaign\" {\n  order 1\n  active from 2027-12-12 until 2027-12-13\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n}",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for rule in context.checked.rules.iter().filter(|rule| rule.on) {
        let Some(active) = rule.fields.active else { continue };
        let Some(until) = active.value.until.filter(|&until| until <= context.at) else { continue };
        let until = context.declared.timezone.to_datetime(until);
        let message = format!(
            "rule `{}` has ended: its window was over on {} at {:02}:{:02}",
            rule.name.text,
            until.date(),
            until.hour(),
            until.minute()
        );
        let mut finding = Diagnostic::new(&RULE_HAS_ENDED, active.span, message)
            .with_help("take the rule out, or give it its next window");
        // Not safe: tests of the time in which it held fail without it.
        if let Some(edits) = removal(context, rule.span) {
            let message = format!("take out rule `{}`", rule.name.text);
            finding = finding.with_fix(Fix { safe: false, message, edits });
        }
        found.push(finding);
    }
}
