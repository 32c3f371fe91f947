//! GraphQL, as far as a simulated shop needs it: a document with its variables put in, and an answer cut down to what was selected.
//! It knows no schema; that documents fit the real one is for the connectors' tests to show.

use graphql_parser::query::{
    Definition, Document, FragmentDefinition, OperationDefinition, Selection, SelectionSet, Type,
    TypeCondition, Value as Ast, VariableDefinition,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// How deep a selection may be.
const DEPTH_MAX: usize = 16;

/// The one operation of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Whether it is a mutation.
    pub is_mutation: bool,
    /// What it selects.
    pub fields: Vec<Field>,
}

/// A field that is selected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is called in the answer.
    pub alias: String,
    /// Its arguments, with variables put in.
    pub arguments: Map<String, Value>,
    /// Its directives, with their arguments.
    pub directives: Vec<(String, Map<String, Value>)>,
    /// What it selects; none for a scalar.
    pub fields: Vec<Field>,
    /// The type that it is selected of, in a fragment.
    pub on: Option<String>,
}

impl Field {
    /// An argument; null where it is not given.
    #[must_use]
    pub fn argument(&self, name: &str) -> &Value {
        self.arguments.get(name).unwrap_or(&Value::Null)
    }
}

struct Reader<'a> {
    variables: Map<String, Value>,
    fragments: BTreeMap<String, FragmentDefinition<'a, String>>,
}

/// Reads a document.
///
/// # Errors
/// It is not GraphQL, has not exactly one operation, or lacks a variable: one line.
pub fn parse(document: &str, variables: &Value) -> Result<Operation, String> {
    let parsed: Document<'_, String> =
        graphql_parser::parse_query(document).map_err(|why| why.to_string().replace('\n', " "))?;
    let mut fragments = BTreeMap::new();
    let mut operations = Vec::new();
    for definition in parsed.definitions {
        match definition {
            Definition::Fragment(fragment) => drop(fragments.insert(fragment.name.clone(), fragment)),
            Definition::Operation(operation) => operations.push(operation),
        }
    }
    let operation = if operations.len() == 1 { operations.pop() } else { None };
    let (is_mutation, defined, selection) = match operation {
        Some(OperationDefinition::Query(query)) => (false, query.variable_definitions, query.selection_set),
        Some(OperationDefinition::Mutation(mutation)) => {
            (true, mutation.variable_definitions, mutation.selection_set)
        }
        Some(OperationDefinition::SelectionSet(selection)) => (false, Vec::new(), selection),
        _ => return Err("expected one query or mutation".to_owned()),
    };
    let reader = Reader { variables: given(&defined, variables)?, fragments };
    Ok(Operation { is_mutation, fields: reader.fields(&selection, None, 0)? })
}

/// The variables that are defined; one that must be there is missed.
fn given(
    defined: &[VariableDefinition<'_, String>],
    variables: &Value,
) -> Result<Map<String, Value>, String> {
    let mut given = Map::new();
    for definition in defined {
        let value = match (variables.get(&definition.name), &definition.default_value) {
            (Some(value), _) => value.clone(),
            (None, Some(default)) => literal(default, &Map::new())?,
            (None, None) => Value::Null,
        };
        if value.is_null() && matches!(definition.var_type, Type::NonNullType(_)) {
            return Err(format!("Variable ${} was provided invalid value", definition.name));
        }
        given.insert(definition.name.clone(), value);
    }
    Ok(given)
}

impl Reader<'_> {
    fn fields(
        &self,
        set: &SelectionSet<'_, String>,
        on: Option<&str>,
        depth: usize,
    ) -> Result<Vec<Field>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("the selection is deeper than {DEPTH_MAX}"));
        }
        let condition = |condition: &TypeCondition<'_, String>| {
            let TypeCondition::On(name) = condition;
            name.clone()
        };
        let mut fields = Vec::new();
        for selection in &set.items {
            match selection {
                Selection::Field(field) => {
                    let directives = field.directives.iter();
                    let directives = directives
                        .map(|directive| Ok((directive.name.clone(), self.arguments(&directive.arguments)?)));
                    fields.push(Field {
                        name: field.name.clone(),
                        alias: field.alias.clone().unwrap_or_else(|| field.name.clone()),
                        arguments: self.arguments(&field.arguments)?,
                        directives: directives.collect::<Result<_, String>>()?,
                        fields: self.fields(&field.selection_set, None, depth + 1)?,
                        on: on.map(str::to_owned),
                    });
                }
                Selection::InlineFragment(fragment) => {
                    let name = fragment.type_condition.as_ref().map(condition);
                    fields.extend(self.fields(&fragment.selection_set, name.as_deref().or(on), depth + 1)?);
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.fragment_name);
                    let fragment = fragment.ok_or_else(|| {
                        format!("Fragment {} was used, but not defined", spread.fragment_name)
                    })?;
                    let name = condition(&fragment.type_condition);
                    fields.extend(self.fields(&fragment.selection_set, Some(&name), depth + 1)?);
                }
            }
        }
        Ok(fields)
    }

    fn arguments(&self, arguments: &[(String, Ast<'_, String>)]) -> Result<Map<String, Value>, String> {
        arguments.iter().map(|(name, value)| Ok((name.clone(), literal(value, &self.variables)?))).collect()
    }
}

fn literal(value: &Ast<'_, String>, variables: &Map<String, Value>) -> Result<Value, String> {
    Ok(match value {
        Ast::Variable(name) => variables
            .get(name)
            .cloned()
            .ok_or_else(|| format!("Variable ${name} is used by anonymous query but not declared"))?,
        Ast::Int(number) => number.as_i64().into(),
        Ast::Float(number) => (*number).into(),
        Ast::String(text) | Ast::Enum(text) => text.as_str().into(),
        Ast::Boolean(flag) => (*flag).into(),
        Ast::Null => Value::Null,
        Ast::List(values) => {
            values.iter().map(|value| literal(value, variables)).collect::<Result<_, _>>()?
        }
        Ast::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), literal(value, variables)?)));
            Value::Object(fields.collect::<Result<_, String>>()?)
        }
    })
}

/// What was selected of a value. `resolve` gives fields that have arguments; all others are looked up by name, and null where they are not.
pub fn select(value: &Value, fields: &[Field], resolve: &dyn Fn(&Value, &Field) -> Option<Value>) -> Value {
    match value {
        Value::Array(values) => values.iter().map(|value| select(value, fields, resolve)).collect(),
        Value::Object(object) if !fields.is_empty() => {
            let kind = object.get("__typename").and_then(Value::as_str);
            let of_kind =
                |field: &&Field| field.on.is_none() || kind.is_none() || field.on.as_deref() == kind;
            let entry = |field: &Field| {
                let found =
                    resolve(value, field).or_else(|| object.get(&field.name).cloned()).unwrap_or_default();
                (field.alias.clone(), select(&found, &field.fields, resolve))
            };
            Value::Object(fields.iter().filter(of_kind).map(entry).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_with_its_variables() {
        let document = "query A($n: Int = 2, $id: ID!) { two: items(first: $n) { ...F } node(id: $id) { ... on Item { id } ... on Other { x } } } fragment F on Item { id size(in: CM) }";
        let operation = parse(document, &json!({ "id": "7" })).unwrap();
        assert_eq!(
            (operation.fields[0].alias.as_str(), operation.fields[0].argument("first")),
            ("two", &json!(2))
        );
        let all =
            json!({ "items": [{ "id": 1, "more": 2 }], "node": { "__typename": "Item", "id": 7, "x": 1 } });
        let size = |_: &Value, field: &Field| (field.name == "size").then(|| field.argument("in").clone());
        let answer = select(&all, &operation.fields, &size);
        assert_eq!(answer, json!({ "two": [{ "id": 1, "size": "CM" }], "node": { "id": 7 } }));
    }

    #[test]
    fn what_is_no_document() {
        for (document, variables) in [
            ("{", json!({})),
            ("query($id: ID!) { a(id: $id) }", json!({})),
            ("{ a(id: $x) }", json!({})),
            ("{ ...F }", json!({})),
        ] {
            assert!(parse(document, &variables).is_err(), "{document}");
        }
        let deep = format!("{}a{}", "{ a ".repeat(20), "}".repeat(20));
        assert!(parse(&deep, &json!({})).is_err());
    }
}
