//! Checks a value against a JSON schema, as far as our own schema needs that. Stricter than the standard in one thing: a property
//! that the schema does not name is wrong, so that none goes undocumented.

use regex::Regex;
use serde_json::Value;

/// What is wrong with a value, each with its place; empty if nothing is.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { root: schema, found: &mut found }.value(schema, value, "$");
    found
}

struct Check<'a> {
    root: &'a Value,
    found: &'a mut Vec<String>,
}

/// Words of a schema that this knows; another one would silently check nothing.
const KNOWN: [&str; 20] = [
    "$comment",
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "items",
    "enum",
    "const",
    "anyOf",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "pattern",
    "additionalProperties",
    "propertyNames",
];

impl Check<'_> {
    fn wrong(&mut self, place: &str, what: impl std::fmt::Display) {
        self.found.push(format!("{place}: {what}"));
    }

    fn value(&mut self, schema: &Value, value: &Value, place: &str) {
        let words = schema.as_object().unwrap_or_else(|| panic!("{place}: a schema is an object: {schema}"));
        for word in words.keys() {
            assert!(KNOWN.contains(&word.as_str()), "the schema says {word}, which this does not check");
        }
        if let Some(name) = schema["$ref"].as_str() {
            let target =
                self.root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} is not there"));
            self.value(target, value, place);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let tried: Vec<Vec<String>> = any.iter().map(|one| self.alone(one, value, place)).collect();
            if tried.iter().all(|found| !found.is_empty()) {
                self.wrong(place, format!("is none of {tried:?}"));
            }
        }
        self.plain(schema, value, place);
        self.object(schema, value, place);
        self.array(schema, value, place);
    }

    fn alone(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        let mut found = Vec::new();
        Check { root: self.root, found: &mut found }.value(schema, value, place);
        found
    }

    fn plain(&mut self, schema: &Value, value: &Value, place: &str) {
        let is = |name: &str| match name {
            "null" => value.is_null(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            other => panic!("no type {other}"),
        };
        let fits = match &schema["type"] {
            Value::Null => true,
            Value::String(name) => is(name),
            Value::Array(names) => names.iter().any(|name| is(name.as_str().expect("a type"))),
            other => panic!("{other} is no type"),
        };
        if !fits {
            self.wrong(place, format!("{value} is not {}", schema["type"]));
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            self.wrong(place, format!("{value} is not one of {words:?}"));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            self.wrong(place, format!("{value} is not {}", schema["const"]));
        }
        if let Some(number) = value.as_f64() {
            let outside = schema["minimum"].as_f64().is_some_and(|least| number < least)
                || schema["maximum"].as_f64().is_some_and(|most| number > most);
            if outside {
                self.wrong(place, format!("{number} is out of bounds"));
            }
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
            && !Regex::new(pattern).expect("a pattern").is_match(text)
        {
            self.wrong(place, format!("{text:?} does not match {pattern}"));
        }
    }

    fn object(&mut self, schema: &Value, value: &Value, place: &str) {
        let Some(object) = value.as_object() else { return };
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                self.wrong(place, format!("{name} is missing"));
            }
        }
        let describes = schema.get("properties").is_some() || schema.get("additionalProperties").is_some();
        for (name, inside) in object.iter().filter(|_| describes) {
            let place = format!("{place}.{name}");
            if let Some(names) = schema.get("propertyNames") {
                self.value(names, &Value::String(name.clone()), &place);
            }
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(schema), _) | (None, Some(schema)) => self.value(schema, inside, &place),
                (None, None) => self.wrong(&place, "the schema does not know it"),
            }
        }
    }

    fn array(&mut self, schema: &Value, value: &Value, place: &str) {
        let Some(array) = value.as_array() else { return };
        let length = array.len() as u64;
        if schema["minItems"].as_u64().is_some_and(|least| length < least)
            || schema["maxItems"].as_u64().is_some_and(|most| length > most)
        {
            self.wrong(place, format!("{length} items"));
        }
        if let Some(items) = schema.get("items") {
            for (at, item) in array.iter().enumerate() {
                self.value(items, item, &format!("{place}[{at}]"));
            }
        }
    }
}
