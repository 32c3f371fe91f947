use super::super::testing::{Outcome, ROW, head, hostile, idle, many, plain, rendered};
use crate::plan::{Head, Row};
use crate::report::Color;
use crate::report::text::width;

#[test]
fn what_matters_most_comes_first() -> Outcome {
    let text = plain("table", &head(), &hostile())?;
    let place = |part: &str| text.find(part).ok_or(format!("`{part}` is missing in:\n{text}"));
    let parts = [
        "paused",
        "store ",
        "Drops to zero",
        "90 -> 0",
        "7 -> 0",
        "Other changes",
        "Problems",
        "Guards",
        "Writing",
    ];
    let places = parts.iter().map(|part| place(part)).collect::<Result<Vec<_>, _>>()?;
    assert!(places.is_sorted(), "{places:?}\n{text}");
    assert!(text.contains("--allow to_zero") && text.contains("3 h 20 min"));
    assert!(text.contains("40 -> 12  =1+1,\"q\", A-2"), "the same delta is one line:\n{text}");
    Ok(())
}

#[test]
fn no_control_character_and_no_line_too_long() -> Outcome {
    for columns in [80, 120] {
        let text = rendered("table", &head(), &hostile(), Color::Never, columns)?;
        assert!(!text.contains('\u{1b}'));
        for line in text.lines() {
            assert!(width(line) <= columns, "{line}");
        }
    }
    Ok(())
}

#[test]
fn colour_changes_no_text() -> Outcome {
    let coloured = rendered("table", &head(), &hostile(), Color::Always, 80)?;
    let stripped = ["0", "1", "2", "31", "32", "33"]
        .iter()
        .fold(coloured.clone(), |text, code| text.replace(&format!("\u{1b}[{code}m"), ""));
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, plain("table", &head(), &hostile())?);
    Ok(())
}

#[test]
fn a_large_plan_stays_readable() -> Outcome {
    let text = plain("table", &head(), &many(1404))?;
    assert!(text.contains("and 1204 more (--format csv for all)"));
    assert!(text.contains(" 1404 -> 0") && !text.contains(" 1204 -> 0"), "the worst are kept");
    let raises: Vec<_> = (0..1404).map(|index| Row { planned: 50 + index, ..ROW }).collect();
    assert!(plain("table", &head(), &raises)?.contains("and 1204 more"));
    Ok(())
}

#[test]
fn nothing_to_do_is_said() -> Outcome {
    let text = plain("table", &idle(), &Vec::new())?;
    assert!(text.ends_with("no changes: every store shows what the rules give\n"), "{text}");
    let off = plain("table", &Head { switched_off: true, ..idle() }, &Vec::new())?;
    assert!(off.contains("! switched off"), "{off}");
    Ok(())
}
