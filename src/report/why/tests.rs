use super::*;
use crate::plan::Reason;
use crate::trace::{ListingTrace, Step, StoreTrace, WarehouseStock};
use jiff::Timestamp;
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn considered(rule: &str, order: u32, verdict: Verdict) -> Considered {
    Considered { rule: rule.to_owned(), file: "rules/sea.sync".to_owned(), line: order + 1, order, verdict }
}

fn store(name: &str, reason: Option<Reason>, current: i64, planned: Option<u64>) -> StoreTrace {
    let listing = ListingTrace { store_sku: "鞋-42".to_owned(), units: 1, current: Some(current), planned };
    StoreTrace { store: name.to_owned(), reason, note: None, steps: vec![], listings: vec![listing] }
}

fn story() -> Trace {
    let warehouse = |name: &str, given, orders, counted| WarehouseStock {
        warehouse: name.to_owned(),
        given,
        orders,
        available: given.unwrap_or(0) - orders,
        counted,
    };
    let step = |name, text: &str, value| Step { name, text: text.to_owned(), value };
    let mut shopee = store("shopee_id", Some(Reason::Rate), 40, Some(7));
    shopee.steps = vec![step("available", "12 + 3", 15), step("rate", "15 x 50% = 7.5, rounded down", 7)];
    let mut outlet = store("outlet", None, 3, None);
    outlet.note = Some("only \"Old\x1b[31m\" names it".to_owned());
    Trace {
        sku: "鞋-42".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        stock: vec![
            warehouse("jakarta", Some(14), 2, true),
            warehouse("batam", Some(3), 0, true),
            warehouse("medan", None, 0, false),
        ],
        orders: Vec::new(),
        parts: vec![],
        considered: vec![
            considered("Flash", 1, Verdict::NoLongerActive(Timestamp::UNIX_EPOCH)),
            considered("Bags", 5, Verdict::DoesNotMatch),
            considered("Sneakers", 10, Verdict::Won),
            considered("Old\x1b[31m", 20, Verdict::LargerOrder),
        ],
        stores: vec![outlet, shopee],
    }
}

fn rendered(name: &str, trace: &Trace, color: Color) -> Result<String, Box<dyn std::error::Error>> {
    let format = WHY_FORMATS.iter().find(|format| format.name == name).ok_or("no such format")?;
    let mut out = Vec::new();
    (format.render)(&WhyReport { trace, color }, &mut out)?;
    Ok(String::from_utf8(out)?)
}

#[test]
fn the_answer_comes_first_and_every_rule_says_why() -> Outcome {
    let expected = "\
鞋-42 at 1970-01-01T00:00:00Z
  outlet     keeps 3  (left alone); only \"Old␛[31m\" names it
  shopee_id  shows 40, should show 7  (rate)

stock
  jakarta  12  14 less 2 taken by orders
  batam     3
  medan     0  no row  not counted by the rule

rules
  order 10 \"Sneakers\" wins: the smallest order that matches  rules/sea.sync:11
  order 1 \"Flash\" was active until 1970-01-01T00:00:00Z  rules/sea.sync:2
  order 20 \"Old␛[31m\" matches, but order 10 comes first  rules/sea.sync:21
  order 5 \"Bags\" does not match the SKU  rules/sea.sync:6

steps for shopee_id
  available  15  12 + 3
  rate        7  15 x 50% = 7.5, rounded down
";
    assert_eq!(rendered("text", &story(), Color::Never)?, expected);
    Ok(())
}

#[test]
fn no_rule_and_no_store_is_said() -> Outcome {
    let empty = Trace { considered: vec![], stores: vec![], stock: vec![], ..story() };
    let text = rendered("text", &empty, Color::Never)?;
    for part in ["no store lists it", "no stock row: counts as 0", "no rule takes it"] {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
    Ok(())
}

#[test]
fn programs_get_all_of_it() -> Outcome {
    let value: Value = serde_json::from_str(&rendered("json", &story(), Color::Always)?)?;
    let expected = [
        ("/format_version", json!(1)),
        ("/stores/0/note", json!("only \"Old\u{1b}[31m\" names it")),
        ("/stores/0/reason", json!(null)),
        ("/stores/1/listings/0", json!({"store_sku": "鞋-42", "units": 1, "current": 40, "planned": 7})),
        ("/stores/1/steps/1/value", json!(7)),
        ("/stock/2/given", json!(null)),
        ("/rules/0/verdict", json!("no-longer-active")),
        ("/rules/0/moment", json!("1970-01-01T00:00:00Z")),
        ("/rules/3/line", json!(21)),
    ];
    for (pointer, wanted) in expected {
        assert_eq!(value.pointer(pointer), Some(&wanted), "{pointer}");
    }
    Ok(())
}
