//! The line that a place of a file is on: the file is walked once more, and left at that place with an error, since errors
//! are what its reader tells lines of. It must never be asked where nothing is wrong: it costs a reading.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Step;

/// The line of a place, from 1; none where the file does not have it. A member is where its name is.
pub fn line(text: &str, steps: &[Step]) -> Option<usize> {
    let found = Walk(steps).deserialize(yaml_serde::Deserializer::from_str(text));
    let at = found.err()?.location()?;
    Some(at.line())
}

/// The way that is left.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a [Step]);

fn here<E: de::Error>() -> E {
    E::custom("here")
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else {
            return Err(here());
        };
        while let Some(found) = map.next_key_seed(Name {
            step,
            last: rest.is_empty(),
        })? {
            if found {
                map.next_value_seed(Walk(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((Step::Element(n), rest)) = self.0.split_first() else {
            return Err(here());
        };
        for _ in 0..*n {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        list.next_element_seed(Walk(rest))?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Err(here())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Err(here())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Err(here())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Err(here())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Err(here())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Err(here())
    }
}

/// The name of a member: whether it is the one on the way. The last one is the place itself.
struct Name<'a> {
    step: &'a Step,
    last: bool,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<bool, E> {
        let is = matches!(self.step, Step::Member(wanted) if wanted == name);
        if is && self.last { Err(here()) } else { Ok(is) }
    }
}
