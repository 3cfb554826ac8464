//! GeoJSON: whether a value is a geometry, and whether two of them meet, on the plane, as databases take them.
//! Must never pass a geometry on that a database could not read: what is refused there has no name for callers.

use crate::{Json, schema::Kind, value::scalar};

/// Geometries within geometries: collections of collections mean nothing more.
const DEEPEST: usize = 8;
/// Corners of a ring: three, and the first again.
const RING: usize = 4;
/// Ends of a line.
const LINE: usize = 2;

/// A place: east, north.
type Place = [f64; 2];

/// What a geometry is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Geometry {
    points: Vec<Place>,
    lines: Vec<(Place, Place)>,
    /// Each with its outer ring first; what the others surround is not part of it.
    areas: Vec<Vec<Vec<Place>>>,
}

/// GeoJSON of a kind of field, as an object or its text; none for what is none.
pub fn parse(kind: Kind, value: &Json) -> Option<(Json, Geometry)> {
    let parsed: Json = match value {
        Json::String(source) => serde_json::from_str(source).ok()?,
        other => other.clone(),
    };
    let found = parsed.get("type").and_then(Json::as_str)?;
    let wanted = kind.as_str().strip_prefix("geometry.");
    if wanted.is_some_and(|wanted| wanted != found) || scalar::has_nul(&parsed) {
        return None;
    }
    let mut geometry = Geometry::default();
    geometry.read(&parsed, DEEPEST)?;
    Some((parsed, geometry))
}

impl Geometry {
    fn read(&mut self, value: &Json, deepest: usize) -> Option<()> {
        let coordinates = value.get("coordinates");
        match value.get("type")?.as_str()? {
            "Point" => self.points.push(place(coordinates?)?),
            "MultiPoint" => self.points.extend(places(coordinates?, 1)?),
            "LineString" => self.line(&places(coordinates?, LINE)?),
            "MultiLineString" => {
                for line in some(coordinates?)? {
                    self.line(&places(line, LINE)?);
                }
            }
            "Polygon" => self.area(coordinates?)?,
            "MultiPolygon" => {
                for area in some(coordinates?)? {
                    self.area(area)?;
                }
            }
            "GeometryCollection" if deepest > 0 => {
                for inner in some(value.get("geometries")?)? {
                    self.read(inner, deepest - 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn line(&mut self, places: &[Place]) {
        self.lines.extend(sides(places));
    }

    fn area(&mut self, rings: &Json) -> Option<()> {
        let rings: Vec<Vec<Place>> = some(rings)?
            .iter()
            .map(|ring| places(ring, RING).filter(|ring| ring.first() == ring.last()))
            .collect::<Option<_>>()?;
        for ring in &rings {
            self.line(ring);
        }
        self.areas.push(rings);
        Some(())
    }

    /// Whether they have a place in common; borders belong to areas.
    pub fn meets(&self, other: &Geometry) -> bool {
        self.meets_box(other) && (self.holds_some(other) || other.holds_some(self) || self.crosses(other))
    }

    /// Whether the boxes around them have a place in common.
    pub fn meets_box(&self, other: &Geometry) -> bool {
        match (self.surrounding(), other.surrounding()) {
            (Some(a), Some(b)) => boxes_meet(a, b),
            _ => false,
        }
    }

    /// Whether some of the other's corners are on or in this one.
    fn holds_some(&self, other: &Geometry) -> bool {
        other.corners().any(|corner| {
            self.points.contains(&corner)
                || self.lines.iter().any(|line| is_on(*line, corner))
                || self.areas.iter().any(|area| is_in(area, corner))
        })
    }

    fn crosses(&self, other: &Geometry) -> bool {
        let mut lines = self.lines.iter();
        lines.any(|a| {
            other
                .lines
                .iter()
                .any(|b| boxes_meet(around(*a), around(*b)) && cross(*a, *b))
        })
    }

    fn corners(&self) -> impl Iterator<Item = Place> {
        let ends = self.lines.iter().flat_map(|(from, to)| [*from, *to]);
        self.points.iter().copied().chain(ends)
    }

    fn surrounding(&self) -> Option<(Place, Place)> {
        let boxes = self.corners().map(|corner| (corner, corner));
        boxes.reduce(|(least, most), (corner, _)| (lower(least, corner), upper(most, corner)))
    }
}

fn some(value: &Json) -> Option<&Vec<Json>> {
    value.as_array().filter(|list| !list.is_empty())
}

/// Two numbers, or more, of which the height counts for nothing.
fn place(value: &Json) -> Option<Place> {
    match value.as_array()?.as_slice() {
        [east, north, rest @ ..] if rest.iter().all(Json::is_number) => Some([east.as_f64()?, north.as_f64()?]),
        _ => None,
    }
}

fn places(value: &Json, least: usize) -> Option<Vec<Place>> {
    let list = value.as_array().filter(|list| list.len() >= least)?;
    list.iter().map(place).collect()
}

/// The sides of a line or a ring.
fn sides(places: &[Place]) -> impl Iterator<Item = (Place, Place)> {
    places.iter().copied().zip(places.iter().copied().skip(1))
}

fn lower([a, b]: Place, [c, d]: Place) -> Place {
    [a.min(c), b.min(d)]
}

fn upper([a, b]: Place, [c, d]: Place) -> Place {
    [a.max(c), b.max(d)]
}

fn around((from, to): (Place, Place)) -> (Place, Place) {
    (lower(from, to), upper(from, to))
}

fn boxes_meet(([w1, s1], [e1, n1]): (Place, Place), ([w2, s2], [e2, n2]): (Place, Place)) -> bool {
    w1 <= e2 && w2 <= e1 && s1 <= n2 && s2 <= n1
}

/// On which side of a line a place is: more than 0 on its left, 0 on its way.
fn side(([ax, ay], [bx, by]): (Place, Place), [x, y]: Place) -> f64 {
    (bx - ax) * (y - ay) - (by - ay) * (x - ax)
}

fn is_on(line: (Place, Place), place: Place) -> bool {
    boxes_meet(around(line), (place, place)) && side(line, place) == 0.0
}

/// Whether two lines cross within both. Where one ends on the other, [`is_on`] says so.
fn cross(a: (Place, Place), b: (Place, Place)) -> bool {
    let apart = |line: (Place, Place), of: (Place, Place)| side(line, of.0) * side(line, of.1) < 0.0;
    apart(a, b) && apart(b, a)
}

/// Whether a place is surrounded by an odd number of rings: within the outer one, and within none of the others.
fn is_in(rings: &[Vec<Place>], [x, y]: Place) -> bool {
    let east_of =
        |&([ax, ay], [bx, by]): &(Place, Place)| (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax;
    let passed = rings.iter().flat_map(|ring| sides(ring)).filter(east_of).count();
    passed % 2 == 1
}

#[cfg(test)]
mod tests;
