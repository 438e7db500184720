//! Settings that are one value or a list of values.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IntoDeserializer, SeqAccess, Visitor},
};

/// One value or a list of at most 20.
#[derive(Clone, Debug)]
pub(super) struct OneOrMany<T>(Vec<T>);

impl<T> OneOrMany<T> {
    const MAX: usize = 20;

    pub(super) fn first(&self) -> Option<&T> {
        self.0.first()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueOrList<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ValueOrList<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a list of texts")
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Vec<T>, E> {
                Ok(vec![T::deserialize(value.into_deserializer())?])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                if !(1..=OneOrMany::<T>::MAX).contains(&list.len()) {
                    return Err(A::Error::custom(format!("must have 1 to {} items", OneOrMany::<T>::MAX)));
                }
                Ok(list)
            }
        }

        deserializer.deserialize_any(ValueOrList(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_value_is_a_list_of_one() {
        let read = |value| serde_json::from_value::<OneOrMany<String>>(value).map(|values| values.0.len());
        assert_eq!(read(json!("/a")).unwrap(), 1);
        assert_eq!(read(json!(["/a", "/b"])).unwrap(), 2);
        for wrong in [json!([]), json!({}), json!(null), json!(["/a", 1]), json!(vec!["/a"; 21])] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
