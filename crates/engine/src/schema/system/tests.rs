//! The embedded system metadata is whole.
use super::*;

#[test]
fn the_embedded_files_are_whole() {
    assert_eq!(collections().len(), 29);
    assert_eq!(fields().len(), 404);
    assert_eq!(relations().len(), 54);
    assert_eq!(permission_rows().len(), 20);
    assert_eq!(permissions().len(), 20, "every built-in permission is understood");
}

#[test]
fn every_field_has_a_known_type_and_collection() {
    for field in fields() {
        assert_ne!(field.kind, Kind::Unknown, "{}.{}", field.collection, field.name);
        assert!(collections().iter().any(|c| c.name == field.collection));
    }
}

#[test]
fn relations_lead_from_known_fields_to_known_collections() {
    for relation in relations() {
        let name = |key: &str| relation.meta.get(key).and_then(Json::as_str);
        assert!(field(name("many_collection").unwrap(), name("many_field").unwrap()).is_some());
        assert!(
            collections()
                .iter()
                .any(|c| Some(c.name.as_str()) == name("one_collection"))
        );
    }
}

#[test]
fn metadata_is_told_in_the_recorded_order() {
    let email = field("directus_users", "email").unwrap().meta.as_ref().unwrap();
    assert_eq!(
        serde_json::to_string(email).unwrap(),
        r#"{"system":true,"collection":"directus_users","field":"email","special":null,"interface":"input","options":{"iconRight":"email"},"display":null,"display_options":null,"readonly":false,"hidden":false,"sort":3,"width":"half","group":null,"translations":null,"note":null,"conditions":null,"required":false,"searchable":true}"#
    );
}

#[test]
fn no_sentence_came_along() {
    for field in fields() {
        let text = serde_json::to_string(&field.meta).unwrap();
        assert!(!text.contains("$t:") && !text.contains("placeholder"), "{text}");
    }
}
