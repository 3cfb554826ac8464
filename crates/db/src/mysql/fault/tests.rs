//! What messages say.

use super::index_name;

#[test]
fn an_index_is_named_behind_its_table_or_alone() {
    for (message, name) in [
        ("Duplicate entry 'x' for key 'words_tag_unique'", "words_tag_unique"),
        (
            "Duplicate entry 'x' for key 'words.words_tag_unique'",
            "words_tag_unique",
        ),
        ("Duplicate entry 'it's 'words.y'' for key 'words.PRIMARY'", "PRIMARY"),
        ("Duplicate entry 'x' for key 'other.index'", "other.index"),
        ("something else", ""),
    ] {
        assert_eq!(index_name(message, "words"), name, "{message}");
    }
}
