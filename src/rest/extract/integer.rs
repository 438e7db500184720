//! Integers as JSON Schema understands them: `5.0` is one, and one that is too large is a wrong value like any other.
//! Ids of numbers, which are integers too, may also have the prefix that GraphQL gives them: `num_7`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error, Unexpected, Visitor},
};

/// An integer of a body.
pub(in crate::rest) fn integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(IntegerVisitor::of(|_| None))
}

/// An integer of a body that may be `null`.
pub(in crate::rest) fn optional_integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_option(OptionalVisitor(IntegerVisitor::of(|_| None)))
}

/// An integer of a query, where everything is text.
pub(in crate::rest) fn query_integer<'de, D: Deserializer<'de>, T: TryFrom<i64>>(
    deserializer: D,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(IntegerVisitor::of(read_integer))
}

/// The id of a phone number in a body that may have one.
pub(in crate::rest) fn phone_number_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_any(IntegerVisitor::of(read_prefixed)).map(Some)
}

/// The id of a phone number in a query that may have one.
pub(in crate::rest) fn query_phone_number_id<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i64>, D::Error> {
    let visitor = IntegerVisitor::of(|text| read_prefixed(text).or_else(|| read_integer(text)));
    deserializer.deserialize_any(visitor).map(Some)
}

/// The integer that a text writes, if it writes one. One without a value is out of range.
type ReadText = fn(&str) -> Option<Option<i64>>;

fn read_integer(text: &str) -> Option<Option<i64>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_integer = is_digits(whole.strip_prefix('-').unwrap_or(whole)) && is_digits(fraction);
    (is_integer && fraction.bytes().all(|byte| byte == b'0')).then(|| whole.parse().ok())
}

fn read_prefixed(text: &str) -> Option<Option<i64>> {
    let digits = text.strip_prefix("num_").filter(|digits| is_digits(digits))?;
    Some(digits.parse().ok())
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

struct IntegerVisitor<T> {
    read_text: ReadText,
    target: PhantomData<T>,
}

impl<T> IntegerVisitor<T> {
    fn of(read_text: ReadText) -> Self {
        Self { read_text, target: PhantomData }
    }
}

impl<T: TryFrom<i64>> Visitor<'_> for IntegerVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number within range")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        T::try_from(value).map_err(|_| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(value), &self)),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        /// Up to here floating point has every whole number, and no field allows more.
        const LARGEST: f64 = 9_007_199_254_740_992.0;
        if value.fract() != 0.0 {
            Err(E::invalid_type(Unexpected::Float(value), &self))
        } else if value.abs() > LARGEST {
            Err(E::invalid_value(Unexpected::Float(value), &self))
        } else {
            self.visit_i64(value as i64)
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        match (self.read_text)(text) {
            Some(Some(value)) => self.visit_i64(value),
            Some(None) => Err(E::invalid_value(Unexpected::Str(text), &self)),
            None => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }
}

struct OptionalVisitor<T>(IntegerVisitor<T>);

impl<'de, T: TryFrom<i64>> Visitor<'de> for OptionalVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self.0).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{Error, StrDeserializer};
    use serde_json::Deserializer as Json;

    use super::*;

    #[test]
    fn integers_of_bodies() {
        let read = |text: &str| integer::<_, i32>(&mut Json::from_str(text)).map_err(|error| error.to_string());
        for (text, value) in [("5", 5), ("5.0", 5), ("-0.0", 0), ("5e1", 50), ("-7", -7)] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
        for (text, issue) in [
            ("5.5", "invalid type: floating point"),
            ("\"5\"", "invalid type: string"),
            ("\"num_5\"", "invalid type: string"),
            ("null", "invalid type: null"),
            ("3000000000", "invalid value: integer"),
            ("18446744073709551615", "invalid value: integer"),
            ("100000000000000000000", "invalid value: floating point"),
            ("1e300", "invalid value: floating point"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(issue), "{text}: {error}");
        }
        let optional = |text: &str| optional_integer::<_, i32>(&mut Json::from_str(text)).ok();
        assert_eq!((optional("null"), optional("5.0"), optional("\"5\"")), (Some(None), Some(Some(5)), None));
    }

    #[test]
    fn ids_of_numbers_may_have_their_prefix() {
        let of_body = |text: &str| phone_number_id(&mut Json::from_str(text)).ok().flatten();
        for (text, expected) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("\"num_7\"", Some(7)),
            ("\"7\"", None),
            ("\"msg_7\"", None),
            ("\"num_-7\"", None),
        ] {
            assert_eq!(of_body(text), expected, "{text}");
        }
        let of_query = |text: &'static str| query_phone_number_id(StrDeserializer::<Error>::new(text)).ok().flatten();
        assert_eq!((of_query("7"), of_query("num_7"), of_query("msg_7")), (Some(7), Some(7), None));
    }

    #[test]
    fn integers_of_queries() {
        let read = |text: &'static str| query_integer::<_, i64>(StrDeserializer::<Error>::new(text));
        for (text, value) in [("5", 5), ("5.0", 5), ("5.00", 5), ("-5", -5), ("007", 7)] {
            assert_eq!(read(text), Ok(value), "{text}");
        }
        for (text, issue) in [
            ("", "invalid type"),
            ("x", "invalid type"),
            ("5.5", "invalid type"),
            ("5.", "invalid type"),
            ("+5", "invalid type"),
            ("num_5", "invalid type"),
            ("99999999999999999999", "invalid value"),
            ("99999999999999999999.0", "invalid value"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(issue), "{text}: {error}");
        }
    }
}
