//! Random choices that a seed repeats exactly, on every machine. Nothing here is for secrets.

/// A stream of random numbers (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
    /// Whether it slips: requests that never do get further into the server before they are refused.
    slips: bool,
}

impl Random {
    /// The stream that belongs to the `number`-th request of a seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut stream = Self {
            state: seed,
            slips: false,
        };
        stream.state = stream.next() ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03);
        stream.slips = stream.chance(50);
        stream
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        let number = self.next().checked_rem(end).unwrap_or(0);
        usize::try_from(number).unwrap_or(0)
    }

    /// True in `percent` of all cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// True in `percent` of all cases, and never in requests that make no slip.
    pub(crate) fn slip(&mut self, percent: usize) -> bool {
        self.chance(percent) && self.slips
    }

    /// One of several texts; an empty one if there are none.
    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from.get(self.below(from.len())).copied().unwrap_or_default()
    }

    /// One of the `usual` texts, or in `percent` of all slips one of the `odd`.
    pub(crate) fn pick_unless_slip<'a>(&mut self, usual: &[&'a str], percent: usize, odd: &[&'a str]) -> &'a str {
        let slips = self.slip(percent);
        self.pick(if slips { odd } else { usual })
    }

    /// One of several things, if there are any.
    pub(crate) fn one<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}
