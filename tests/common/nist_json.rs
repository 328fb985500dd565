//! As much JSON as the data files of the tests use.

/// A JSON value.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Other,
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses a whole text; panics where it is not JSON.
    pub(crate) fn parse(text: &str) -> Json {
        let mut at = text.trim_start();
        let value = value(&mut at);
        assert!(at.trim().is_empty(), "trailing text after the JSON value");
        value
    }
    pub(crate) fn key(&self, key: &str) -> &Json {
        let Json::Object(fields) = self else { panic!("{key} of something that is no object") };
        &fields.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("no field {key}")).1
    }
    pub(crate) fn number(&self) -> f64 {
        let Json::Number(x) = self else { panic!("{self:?} is no number") };
        *x
    }
    pub(crate) fn text(&self) -> &str {
        let Json::Text(s) = self else { panic!("{self:?} is no text") };
        s
    }
    pub(crate) fn array(&self) -> &[Json] {
        let Json::Array(a) = self else { panic!("{self:?} is no array") };
        a
    }
}

/// Takes `token` off the front if it is there, and the white space behind it.
fn take(at: &mut &str, token: &str) -> bool {
    let rest = at.strip_prefix(token);
    *at = rest.unwrap_or(at).trim_start();
    rest.is_some()
}

fn value(at: &mut &str) -> Json {
    if take(at, "[") {
        let mut items = Vec::new();
        while !take(at, "]") {
            items.push(value(at));
            take(at, ",");
        }
        return Json::Array(items);
    }
    if take(at, "{") {
        let mut fields = Vec::new();
        while !take(at, "}") {
            let Json::Text(name) = value(at) else { panic!("a key that is no text") };
            assert!(take(at, ":"), "a key without a colon");
            fields.push((name, value(at)));
            take(at, ",");
        }
        return Json::Object(fields);
    }
    if let Some(rest) = at.strip_prefix('"') {
        // The files have no escapes.
        let (text, rest) = rest.split_once('"').expect("an open string");
        *at = rest.trim_start();
        return Json::Text(text.to_owned());
    }
    let end = at.find([',', ']', '}', '\n']).unwrap_or(at.len());
    let (token, rest) = at.split_at(end);
    *at = rest.trim_start();
    token.trim().parse().map_or(Json::Other, Json::Number)
}
