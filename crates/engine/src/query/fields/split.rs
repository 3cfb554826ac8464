//! Cutting a list or a path into its parts, leaving what stands in parentheses whole.
//! It must never drop a part: empty ones are told as such.

/// The parts of a text between separators that stand outside of parentheses; at least one.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut open = 0_usize;
    let mut from = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open = open.saturating_sub(1),
            c if c == separator && open == 0 => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + separator.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}
