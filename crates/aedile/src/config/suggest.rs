//! "Did you mean": the known name nearest to an unknown one.

/// Names further apart than this are not slips of the hand.
const FARTHEST: usize = 2;

/// The nearest of the known names, when it is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_uppercase();
    known
        .map(|candidate| (distance(&name, candidate), candidate))
        // Short names are near to everything: more than a third of the letters must not differ.
        .filter(|(apart, candidate)| *apart <= FARTHEST && apart * 3 <= candidate.len())
        .min_by_key(|(apart, _)| *apart)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out or replaced to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, above) in to.iter().zip(row.iter().skip(1)) {
            let replaced = diagonal + usize::from(a != *b);
            left = replaced.min(left + 1).min(above + 1);
            next.push(left);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
