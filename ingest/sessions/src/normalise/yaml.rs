//! YAML as JSON, never larger than a budget: a few lines of aliases to aliases can stand for gigabytes.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use schemas::Code;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_yaml_ng::Number;

use crate::decode::Json;

/// The value of a text. Each of its values costs one of the budget, and one more for each byte of a text; aliases cost what they stand
/// for, and nothing is built beyond the budget.
pub(super) fn parse(text: &str, budget: usize) -> Result<Json<'static>, (Code, String)> {
    let left = Cell::new(Some(budget));
    Build { left: &left }.deserialize(serde_yaml_ng::Deserializer::from_str(text)).map_err(|error| match (left.get(), error.location()) {
        (None, _) => (Code::TooLarge, format!("more than {budget} bytes and values once its aliases are written out")),
        (_, Some(at)) => (Code::JsonInvalid, format!("no YAML at line {}", at.line())),
        (_, None) => (Code::JsonInvalid, "no YAML".to_owned()),
    })
}

/// Builds one value, and pays for it.
#[derive(Clone, Copy)]
struct Build<'l> {
    /// `None` once it is spent.
    left: &'l Cell<Option<usize>>,
}

impl Build<'_> {
    fn pay<E: Error>(self, cost: usize) -> Result<(), E> {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(cost)));
        if self.left.get().is_some() { Ok(()) } else { Err(E::custom("too large")) }
    }

    fn scalar<E: Error>(self, value: Json<'static>) -> Result<Json<'static>, E> {
        self.pay(1)?;
        Ok(value)
    }

    fn number<E: Error>(self, number: &Number) -> Result<Json<'static>, E> {
        // YAML has numbers that JSON has not; these stay texts.
        let is_json = !number.is_f64() || number.is_finite();
        self.scalar(if is_json { Json::Number(number.to_string().into()) } else { Json::Text(number.to_string().into()) })
    }
}

impl<'de> DeserializeSeed<'de> for Build<'_> {
    type Value = Json<'static>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build<'_> {
    type Value = Json<'static>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.scalar(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.scalar(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.number(&value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.number(&value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.number(&value.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.pay(1 + text.len())?;
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        self.pay(1)?;
        let mut built = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            built.push(item);
        }
        Ok(Json::Array(built))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        self.pay(1)?;
        let mut built = Vec::new();
        while let Some(key) = members.next_key_seed(self)? {
            let key = if let Json::Text(text) = key { text } else { Cow::Owned(key.to_string()) };
            built.push((key, members.next_value_seed(self)?));
        }
        Ok(Json::Object(built))
    }

    /// A value with a tag of its own is the value.
    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<Self::Value, A::Error> {
        let (_tag, value) = tagged.variant_seed(self)?;
        value.newtype_variant_seed(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, budget: usize) -> Result<String, Code> {
        parse(text, budget).map(|json| json.to_string()).map_err(|(code, _)| code)
    }

    #[test]
    fn says_what_yaml_says() {
        let text = "a: &x [1, -2, 1.5, .inf, ~, true, 'q']\nb: *x\n3: !tag {c: 18446744073709551615}\n";
        let list = r#"[1,-2,1.5,".inf",null,true,"q"]"#;
        assert_eq!(shown(text, 1_000), Ok(format!(r#"{{"a":{list},"b":{list},"3":{{"c":18446744073709551615}}}}"#)));
        assert_eq!((shown("a: [", 1_000), shown("a: &a [*a]", 1_000)), (Err(Code::JsonInvalid), Err(Code::JsonInvalid)));
        assert!(parse("a: 1\na: 2", 1_000).is_ok_and(|json| json.duplicate_key() == Some("a")), "both are told");
    }

    #[test]
    fn aliases_are_paid_for_before_they_are_written_out() {
        let long = format!("a: &a [{}]\nb: [{}]\n", vec!["x"; 12_000].join(","), vec!["*a"; 10_000].join(","));
        assert!(long.len() < 64 << 10);
        assert_eq!(shown(&long, 256 << 10), Err(Code::TooLarge));
        let texts = format!("a: &a {}\nb: [{}]\n", "x".repeat(30_000), vec!["*a"; 5_000].join(","));
        assert_eq!(shown(&texts, 256 << 10), Err(Code::TooLarge));
        let nested: String = (1..40).map(|n| format!("k{n}: &k{n} [*k{0},*k{0}]\n", n - 1)).collect();
        assert!(shown(&format!("k0: &k0 x\n{nested}"), 256 << 10).is_err(), "by whichever bound comes first");
    }
}
