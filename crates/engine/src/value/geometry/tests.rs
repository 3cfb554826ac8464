//! Geometries that are none, and which meet which.

use serde_json::json;

use super::*;

fn of(value: Json) -> Geometry {
    parse(Kind::Geometry, &value).unwrap_or_else(|| panic!("{value}")).1
}

#[test]
fn what_no_database_could_read_is_none() {
    let ring = json!([[0, 0], [1, 0], [1, 1], [0, 0]]);
    for value in [
        json!({"type": "Point", "coordinates": [1, 2]}),
        json!({"type": "Point", "coordinates": [1.5, 2, 100]}),
        json!("{\"type\": \"Point\", \"coordinates\": [1, 2]}"),
        json!({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
        json!({"type": "Polygon", "coordinates": [ring]}),
        json!({"type": "MultiPolygon", "coordinates": [[ring]]}),
        json!({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}),
    ] {
        assert!(parse(Kind::Geometry, &value).is_some(), "{value}");
    }
    for value in [
        json!({"type": "Point", "coordinates": [1]}),
        json!({"type": "Point", "coordinates": ["1", "2"]}),
        json!({"type": "Point", "coordinates": []}),
        json!({"type": "Point"}),
        json!({"type": "Circle", "coordinates": [1, 2]}),
        json!({"type": "LineString", "coordinates": [[0, 0]]}),
        json!({"type": "Polygon", "coordinates": []}),
        json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}),
        json!({"type": "MultiPoint", "coordinates": [1, 2]}),
        json!({"type": "GeometryCollection", "geometries": []}),
        json!("POINT(1 2)"),
        json!([1, 2]),
        json!(7),
    ] {
        assert!(parse(Kind::Geometry, &value).is_none(), "{value}");
    }
    let mut deep = json!({"type": "Point", "coordinates": [1, 2]});
    for _ in 0..=DEEPEST {
        deep = json!({"type": "GeometryCollection", "geometries": [deep]});
    }
    assert!(parse(Kind::Geometry, &deep).is_none());
    let point = json!({"type": "Point", "coordinates": [1, 2]});
    assert!(parse(Kind::GeometryPoint, &point).is_some());
    assert!(parse(Kind::GeometryPolygon, &point).is_none());
}

#[test]
fn geometries_meet_where_they_have_a_place_in_common() {
    let square = of(json!({"type": "Polygon", "coordinates": [
        [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]],
        [[4, 4], [6, 4], [6, 6], [4, 6], [4, 4]],
    ]}));
    let point = |x: f64, y: f64| of(json!({"type": "Point", "coordinates": [x, y]}));
    let line = |a: [i32; 2], b: [i32; 2]| of(json!({"type": "LineString", "coordinates": [a, b]}));
    let cases = [
        (point(1.0, 1.0), true, true),
        (point(10.0, 5.0), true, true),
        (point(0.0, 0.0), true, true),
        (point(10.5, 5.0), false, false),
        (point(5.0, 5.0), false, true),
        (point(4.0, 5.0), true, true),
        (line([-5, 5], [15, 5]), true, true),
        (line([-5, 12], [-1, 20]), false, false),
        (line([9, 12], [12, 9]), false, true),
        (line([5, 5], [5, 5]), false, true),
        (line([10, 10], [20, 20]), true, true),
        (
            of(json!({"type": "Polygon", "coordinates": [[[-1, -1], [20, -1], [20, 20], [-1, 20], [-1, -1]]]})),
            true,
            true,
        ),
        (
            of(json!({"type": "Polygon", "coordinates": [[[4.5, 4.5], [5.5, 4.5], [5.5, 5.5], [4.5, 4.5]]]})),
            false,
            true,
        ),
        (
            of(json!({"type": "MultiPoint", "coordinates": [[50, 50], [1, 1]]})),
            true,
            true,
        ),
    ];
    for (other, meets, near) in cases {
        assert_eq!(square.meets(&other), meets, "{other:?}");
        assert_eq!(other.meets(&square), meets, "{other:?}");
        assert_eq!(square.meets_box(&other), near, "{other:?}");
    }
    assert!(line([0, 0], [2, 2]).meets(&line([0, 2], [2, 0])));
    assert!(!line([0, 0], [2, 2]).meets(&line([3, 3], [4, 4])));
    assert!(line([0, 0], [2, 2]).meets(&line([1, 1], [4, 4])));
}
