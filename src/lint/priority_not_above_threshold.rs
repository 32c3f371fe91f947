//! `priority-not-above-threshold`: a priority setting that can never hold.

use super::Context;
use super::whole_lines::removal;
use crate::diagnostic::{Code, Diagnostic, Fix, Level};

/// `priority-not-above-threshold`.
pub(super) static PRIORITY_NOT_ABOVE_THRESHOLD: Code = Code {
    code: "SS102",
    name: "priority-not-above-threshold",
    level: Level::Warn,
    what: "a priority quantity that is not greater than the rule's threshold",
    why: "below the threshold every store gets 0, so there is no stock at which the priority store would be alone; the setting is ignored",
    bad: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  threshold 10\n  priority store shopee_id below 10\n}",
    good: "rule \"Air\" {\n  order 1\n  skus \"NIKE-*\"\n  warehouses all\n  stores all\n  threshold 10\n  priority store shopee_id below 20\n}",
};

pub(super) fn find(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    for rule in &context.checked.rules {
        let Some(priority) = &rule.fields.priority else { continue };
        let below = &priority.below;
        // A threshold that stands there and could not be read says nothing of the priority.
        let threshold = match &rule.fields.threshold {
            Some(threshold) => threshold.value,
            None if rule.fields.faulty.iter().any(|key| key == "threshold") => continue,
            None => 0,
        };
        if below.value > threshold {
            continue;
        }
        let message = format!("priority below {} is ignored: the threshold is {threshold}", below.value);
        let mut finding = Diagnostic::new(&PRIORITY_NOT_ABOVE_THRESHOLD, priority.span, message)
            .with_help(format!("give a quantity greater than {threshold}, or take the line out"));
        if let Some(at) = &rule.fields.threshold {
            finding = finding.with_related(at.span, "the threshold");
        }
        if let Some(edits) = removal(context, priority.span) {
            let message = "take the ignored line out".to_owned();
            finding = finding.with_fix(Fix { safe: true, message, edits });
        }
        found.push(finding);
    }
}
