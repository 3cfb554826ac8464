//! Values in HTML. They come to templates escaped already, so the filter of that name does not do it twice.

use liquid_core::{Display_filter, Filter, FilterReflection, ParseFilter, Runtime, Value, ValueView};

/// Signs that end a text or an attribute, and what stands for them.
const SIGNS: [(char, &str); 5] = [
    // First, because the others bring it.
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('>', "&gt;"),
    ('"', "&quot;"),
    ('\'', "&#39;"),
];

/// A text as HTML tells it.
pub fn escaped(text: &str) -> String {
    SIGNS
        .iter()
        .fold(text.to_owned(), |text, (sign, told)| text.replace(*sign, told))
}

fn unescaped(text: &str) -> String {
    let signs = SIGNS.iter().rev();
    signs.fold(text.to_owned(), |text, (sign, told)| {
        text.replace(told, &sign.to_string())
    })
}

/// The filter `escape`, for what is escaped already or not.
#[derive(Clone, ParseFilter, FilterReflection)]
#[filter(name = "escape", description = "Escapes for HTML, once.", parsed(Escaping))]
pub struct Escape;

#[derive(Debug, Default, Display_filter)]
#[name = "escape"]
struct Escaping;

impl Filter for Escaping {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> liquid_core::Result<Value> {
        if input.is_nil() {
            return Ok(Value::Nil);
        }
        Ok(Value::scalar(escaped(&unescaped(&input.to_kstr()))))
    }
}
