//! Numbers as clients send them: JSON numbers, or text that spells one. Exact where the column is exact.
//! Must never round or cut off in silence, but where a decimal column's scale says so.

use std::{cmp::Ordering, fmt, num::IntErrorKind};

use crate::Json;

/// The longest number that is looked at: more digits than any database's decimals have before and after the point.
const MAX_LENGTH: usize = 512;
/// The largest exponent: beyond it not even a float could hold the number.
const MAX_EXPONENT: i32 = 400;

/// Why a value is not the number that was wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is no such number at all.
    Malformed,
    /// It is one, but too large or too small.
    OutOfRange,
}

/// A whole number of 64 bits.
pub fn whole(value: &Json) -> Result<i64, Misfit> {
    match value {
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(n), _) => Ok(n),
            (None, Some(n)) if n.fract() == 0.0 => exact(n).ok_or(Misfit::OutOfRange),
            _ => Err(Misfit::Malformed),
        },
        Json::String(text) => text.trim().parse::<i64>().map_err(|e| match e.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Misfit::OutOfRange,
            _ => Misfit::Malformed,
        }),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err(Misfit::Malformed),
    }
}

/// A fractional number, finite.
pub fn real(value: &Json) -> Result<f64, Misfit> {
    let n = match value {
        Json::Number(number) => number.as_f64().ok_or(Misfit::Malformed)?,
        Json::String(text) => {
            // The grammar first: `parse` alone also takes "inf" and "nan".
            let text = text.trim();
            Decimal::parse(text)?;
            text.parse::<f64>().map_err(|_| Misfit::Malformed)?
        }
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            return Err(Misfit::Malformed);
        }
    };
    if n.is_finite() { Ok(n) } else { Err(Misfit::OutOfRange) }
}

/// An exact decimal number.
pub fn decimal(value: &Json) -> Result<Decimal, Misfit> {
    match value {
        Json::Number(number) => Decimal::parse(&number.to_string()),
        Json::String(text) => Decimal::parse(text.trim()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Err(Misfit::Malformed),
    }
}

/// Compares two numbers, exactly where both are decimal.
pub fn compare(a: &Json, b: &Json) -> Option<Ordering> {
    Some(decimal(a).ok()?.compare(&decimal(b).ok()?))
}

fn exact(n: f64) -> Option<i64> {
    // 2^63 itself is one too large, -2^63 is not.
    const EDGE: f64 = 9_223_372_036_854_775_808.0;
    (-EDGE..EDGE).contains(&n).then_some(n as i64)
}

/// A decimal number: its sign, its digits, and how many of them stand behind the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Digits without leading zeros; none is zero.
    digits: Vec<u8>,
    /// How many of the digits stand behind the point; may be more than there are.
    scale: usize,
}

impl Decimal {
    /// The number that a text spells: `-12.50`, `.5`, `1e3`.
    pub fn parse(text: &str) -> Result<Decimal, Misfit> {
        if text.len() > MAX_LENGTH {
            return Err(Misfit::OutOfRange);
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (before, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = before.bytes().chain(behind.bytes()).collect();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Misfit::Malformed);
        }
        let scale = i64::try_from(behind.len()).unwrap_or_default() - i64::from(exponent);
        let scale = match usize::try_from(scale) {
            Ok(scale) => scale,
            Err(_) => {
                let zeros = usize::try_from(-scale).unwrap_or_default();
                digits.extend(std::iter::repeat_n(b'0', zeros));
                0
            }
        };
        let mut decimal = Decimal {
            negative,
            digits,
            scale,
        };
        decimal.settle();
        Ok(decimal)
    }

    /// Rounds to so many digits behind the point, halves away from zero, and keeps exactly so many.
    #[must_use]
    pub fn rounded(mut self, scale: usize) -> Decimal {
        if scale >= self.scale {
            self.digits.extend(std::iter::repeat_n(b'0', scale - self.scale));
        } else {
            let cut = self.scale - scale;
            let kept = self.digits.len().saturating_sub(cut);
            let first_cut = if cut > self.digits.len() {
                None
            } else {
                self.digits.get(kept).copied()
            };
            self.digits.truncate(kept);
            if first_cut.is_some_and(|digit| digit >= b'5') {
                self.count_up();
            }
        }
        self.scale = scale;
        self.settle();
        self
    }

    /// How many digits stand before the point.
    pub fn whole_digits(&self) -> usize {
        self.digits.len().saturating_sub(self.scale)
    }

    /// Whether it has no fraction.
    pub fn is_whole(&self) -> bool {
        let behind = self.scale.min(self.digits.len());
        self.digits.iter().rev().take(behind).all(|digit| *digit == b'0')
    }

    fn compare(&self, other: &Decimal) -> Ordering {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.clone().rounded(scale), other.clone().rounded(scale));
        let size = |a: &Decimal, b: &Decimal| {
            a.digits
                .len()
                .cmp(&b.digits.len())
                .then_with(|| a.digits.cmp(&b.digits))
        };
        match (a.negative, b.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => size(&a, &b),
            (true, true) => size(&b, &a),
        }
    }

    /// Adds one to the last digit.
    fn count_up(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.digits.insert(0, b'1');
    }

    /// No leading zeros, and no negative zero.
    fn settle(&mut self) {
        let zeros = self.digits.iter().take_while(|digit| **digit == b'0').count();
        self.digits.drain(..zeros);
        if self.digits.is_empty() {
            self.negative = false;
        }
    }
}

fn parse_exponent(text: &str) -> Result<i32, Misfit> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Misfit::Malformed);
    }
    text.parse::<i32>()
        .ok()
        .filter(|exponent| exponent.abs() <= MAX_EXPONENT)
        .ok_or(Misfit::OutOfRange)
}

impl fmt::Display for Decimal {
    /// Canonical: a digit before the point, and behind it as many as the scale says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = (self.scale + 1).saturating_sub(self.digits.len());
        let padded = std::iter::repeat_n(b'0', missing).chain(self.digits.iter().copied());
        let point = missing + self.digits.len() - self.scale;
        if self.negative {
            f.write_str("-")?;
        }
        for (i, digit) in padded.enumerate() {
            if i == point {
                f.write_str(".")?;
            }
            fmt::Write::write_char(f, char::from(digit))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
