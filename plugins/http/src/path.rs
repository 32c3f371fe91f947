//! Where something is in an answer.

use serde_json::Value;

/// The most steps of a path.
const STEPS_MAX: usize = 32;

/// `data.items`, `products.*.variants`, `^.id`, or a JSON pointer (RFC 6901): `/data/items`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// How many levels it begins above an item.
    up: usize,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A field, or a place in a list counted from 0.
    Key(String),
    /// Every entry of a list.
    Each,
}

/// An item of an answer, and what it stands in: the answer first, then the entries that a `*` went through.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) value: &'a Value,
    around: Vec<&'a Value>,
}

impl Path {
    /// Reads one; the error stands behind the setting's name.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if let Some(pointer) = text.strip_prefix('/') {
            let key = |part: &str| Step::Key(part.replace("~1", "/").replace("~0", "~"));
            return Self { up: 0, steps: pointer.split('/').map(key).collect() }.checked();
        }
        let parts: Vec<&str> = text.split('.').filter(|_| !text.is_empty()).collect();
        let up = parts.iter().take_while(|part| **part == "^").count();
        let step = |part: &&str| match *part {
            "" => Err("has an empty step: write it like `data.items`, or `/data/items`".to_owned()),
            "^" => Err("has `^` behind a field: it stands in front".to_owned()),
            "*" => Ok(Step::Each),
            key => Ok(Step::Key(key.to_owned())),
        };
        Self { up, steps: parts.iter().skip(up).map(step).collect::<Result<_, _>>()? }.checked()
    }

    /// Whether it goes over lists.
    pub(crate) fn has_each(&self) -> bool {
        self.steps.contains(&Step::Each)
    }

    /// What is there of an item; nothing where it is absent or null.
    pub(crate) fn at<'a>(&self, row: &Row<'a>) -> Option<&'a Value> {
        self.found(row).filter(|value| !value.is_null())
    }

    /// The same, with null as a value.
    pub(crate) fn found<'a>(&self, row: &Row<'a>) -> Option<&'a Value> {
        let from = match self.up {
            0 => row.value,
            up => row.around.get(row.around.len().checked_sub(up)?)?,
        };
        self.steps.iter().try_fold(from, |value, step| match step {
            Step::Key(key) => child(value, key),
            Step::Each => None,
        })
    }

    /// The items of an answer: the entries of the list that is there, or the one map; nothing where there is neither.
    pub(crate) fn rows<'a>(&self, answer: &'a Value) -> Option<Vec<Row<'a>>> {
        if answer.is_null() {
            return None;
        }
        let mut rows = vec![Row::only(answer)];
        let mut is_nested = false;
        for step in &self.steps {
            match step {
                Step::Each => {
                    rows = rows.into_iter().flat_map(|row| entries(&row, true)).collect();
                    is_nested = true;
                }
                Step::Key(key) => {
                    let there =
                        rows.into_iter().map(|row| child(row.value, key).map(|value| Row { value, ..row }));
                    // A product need not have variants.
                    rows =
                        if is_nested { there.flatten().collect() } else { there.collect::<Option<_>>()? };
                }
            }
        }
        let is_list = |row: &Row<'_>| row.value.is_array() || row.value.is_object() || row.value.is_null();
        let all = rows.iter().all(is_list);
        all.then(|| rows.iter().flat_map(|row| entries(row, false)).collect())
    }

    /// How many entries a page of such items has, as a shop counts them: those of the list that the first `*` goes through.
    pub(crate) fn count(&self, answer: &Value) -> usize {
        let steps = self.steps.iter().take_while(|step| **step != Step::Each).cloned().collect();
        Self { up: 0, steps }.rows(answer).map_or(0, |rows| rows.len())
    }

    fn checked(self) -> Result<Self, String> {
        if self.steps.len() > STEPS_MAX { Err(format!("has more than {STEPS_MAX} steps")) } else { Ok(self) }
    }
}

impl<'a> Row<'a> {
    /// An answer that is an item.
    pub(crate) fn only(value: &'a Value) -> Self {
        Self { value, around: vec![value] }
    }
}

fn child<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields.get(key),
        Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

/// The entries of a list, or the one map. Null is a list without entries.
fn entries<'a>(row: &Row<'a>, step_in: bool) -> Vec<Row<'a>> {
    let within = |value: &'a Value| {
        let mut around = row.around.clone();
        around.extend(step_in.then_some(value));
        Row { value, around }
    };
    match row.value {
        Value::Array(list) => list.iter().map(within).collect(),
        Value::Object(_) => vec![within(row.value)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    #[test]
    fn dots_and_pointers() {
        let answer = json!({ "a": { "b.c": [{ "n": 1 }, { "n": null }] }, "x/y": 2 });
        for (text, expected) in [
            ("a.b", None),
            ("/a/b.c/0/n", Some(json!(1))),
            ("/a/b.c/1/n", None),
            ("/a/b.c/2", None),
            ("/x~1y", Some(json!(2))),
            ("", Some(answer.clone())),
            ("^", None),
        ] {
            let row = Row { value: &answer, around: Vec::new() };
            assert_eq!(path(text).at(&row), expected.as_ref(), "{text}");
        }
    }

    #[test]
    fn items_within_items_know_what_they_stand_in() {
        let answer = json!({ "shop": 9, "products": [
            { "id": 1, "variants": [{ "sku": "a" }, { "sku": "b" }] }, { "id": 2 }, { "id": 3, "variants": null },
        ] });
        let rows = path("products.*.variants").rows(&answer).unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (path("sku").at(row), path("^.id").at(row), path("^.^.shop").at(row)))
            .collect();
        let (one, nine) = (json!(1), json!(9));
        assert_eq!(
            told,
            [(Some(&json!("a")), Some(&one), Some(&nine)), (Some(&json!("b")), Some(&one), Some(&nine))]
        );
        assert_eq!(path("^.^.^.shop").at(&rows[0]), None);
        assert_eq!((path("products.*.variants").count(&answer), path("products").count(&answer)), (3, 3));
        let rows = path("products").rows(&answer).unwrap();
        assert_eq!((rows.len(), path("^.shop").at(&rows[0])), (3, Some(&nine)));
    }

    #[test]
    fn what_is_no_list() {
        assert!(path("data").rows(&json!({})).is_none());
        assert!(path("data").rows(&json!({ "data": "x" })).is_none());
        assert!(path("").rows(&json!(5)).is_none() && path("").rows(&json!(null)).is_none());
        assert_eq!(path("data").rows(&json!({ "data": null })).map(|rows| rows.len()), Some(0));
        assert_eq!(path("data").rows(&json!({ "data": {} })).map(|rows| rows.len()), Some(1));
        assert_eq!(path("").rows(&json!([1, 2])).map(|rows| rows.len()), Some(2));
    }

    #[test]
    fn wrong_ones_are_told() {
        assert_eq!(
            Path::parse("a..b").unwrap_err(),
            "has an empty step: write it like `data.items`, or `/data/items`"
        );
        assert_eq!(Path::parse("a.^.b").unwrap_err(), "has `^` behind a field: it stands in front");
        assert_eq!(Path::parse(&"a.".repeat(40)[..79]).unwrap_err(), "has more than 32 steps");
    }
}
