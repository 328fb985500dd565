//! The shape of every JSON that the tool prints, made from the types that are printed: `docs/output.schema.json`.
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::output::Head;
use crate::output::record::{BendingRecord, ErrorRecord, FitRecord};

/// Where the schema stands in the repository.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/output.schema.json");

/// A command with what it prints.
type Command = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// `fit` with one law; its fits are written as they come and stand together in no type of their own.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "the type is described and never made")]
struct Fits {
    fits: Vec<OneLaw>,
    errors: Vec<ErrorRecord<'static>>,
}

/// A fit of law (1) or the power law, or of a law that bends.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, clippy::large_enum_variant, reason = "the type is described and never made")]
enum OneLaw {
    Straight(FitRecord<'static>),
    Bending(BendingRecord<'static>),
}

fn commands() -> Vec<Command> {
    vec![
        ("ask", |g| g.subschema_for::<crate::ask::Answers<'static>>()),
        ("fit", |g| g.subschema_for::<Fits>()),
        ("fit", |g| g.subschema_for::<crate::fit::Evidence<'static>>()),
        ("full", |g| g.subschema_for::<crate::full::OneGrid<'static>>()),
        ("full", |g| g.subschema_for::<crate::full::Grids<'static>>()),
        ("decouple", |g| g.subschema_for::<crate::decouple::Record<'static>>()),
        ("extrapolate", |g| g.subschema_for::<crate::extrapolate::Scores<'static>>()),
        ("plan", |g| g.subschema_for::<crate::plan::Plans<'static>>()),
        ("allocate", |g| g.subschema_for::<crate::allocate::Allocations<'static>>()),
        ("next", |g| g.subschema_for::<crate::next::Record<'static>>()),
        ("compare", |g| g.subschema_for::<crate::compare::Comparisons<'static>>()),
        ("entropy", |g| g.subschema_for::<crate::entropy::Record>()),
        ("rates", |g| g.subschema_for::<crate::rates::Record>()),
    ]
}

/// The name of what a schema refers to.
fn target(schema: &Schema) -> String {
    let to = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
    to.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Takes the properties of an object into another, the names that must be there as well.
fn join(into: &mut Value, from: &Value) {
    let properties = from["properties"].as_object().cloned().unwrap_or_default();
    into["properties"].as_object_mut().expect("an object has properties").extend(properties);
    let required = from["required"].as_array().cloned().unwrap_or_default();
    into["required"].as_array_mut().expect("an object has a list of what it needs").extend(required);
}

/// Every object says all that it may hold: a name that is not described is a fault of one or the other.
fn close(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                map.insert("additionalProperties".into(), false.into());
            }
            map.values_mut().for_each(close);
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let head = generator.subschema_for::<Head<'static>>();
    let roots: Vec<(&str, String)> =
        commands().into_iter().map(|(name, of)| (name, target(&of(&mut generator)))).collect();
    let mut kinds = generator.take_definitions(true);
    let head = kinds.remove(&target(&head)).expect("the head is described");
    let mut any_of = Vec::new();
    for (command, root) in &roots {
        // The same type may be the answer of one command only.
        let results = kinds.remove(root).expect("what a command prints is described");
        let mut answer = json!({"type": "object", "properties": {}, "required": []});
        join(&mut answer, &head);
        join(&mut answer, &results);
        answer["properties"]["command"] = json!({"const": command});
        let notes = json!({"description": "What a reader of the results must know.", "type": "array", "items": {"type": "string"}});
        answer["properties"]["notes"] = notes;
        answer["required"].as_array_mut().expect("a list").push("notes".into());
        answer["title"] = json!(format!("syn2real {command} --format json"));
        if let Some(text) = results.get("description") {
            answer["description"] = text.clone();
        }
        any_of.push(answer);
    }
    let kinds: Map<String, Value> = kinds;
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What syn2real prints with --format json",
        "description": "A number that the data do not determine is null. `watch` prints a line for each row, of another shape.",
        "anyOf": any_of,
        "$defs": kinds,
    });
    close(&mut schema);
    schema
}

/// The file is that of the types; `SYN2REAL_BLESS=1` writes it.
#[test]
fn the_schema_is_that_of_the_types() {
    let text = format!("{:#}\n", schema());
    if std::env::var_os("SYN2REAL_BLESS").is_some() {
        std::fs::write(FILE, &text).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(FILE).expect("the schema is there");
    assert!(kept == text, "docs/output.schema.json is stale: SYN2REAL_BLESS=1 cargo test -p syn2real-cli schema");
}
