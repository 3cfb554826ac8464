//! Forms, worked out by hand from the recommendation's rules.

use super::*;
use xml::Comments;

fn read(text: &str) -> Element {
    xml::read(text.as_bytes(), Comments::Refused).unwrap()
}

fn told(element: &Element, kept: &[&str]) -> String {
    String::from_utf8(form(element, None, kept).unwrap()).unwrap()
}

#[test]
fn there_is_one_form() {
    for (text, expected) in [
        ("<a/>", "<a></a>"),
        ("<?xml version='1.0'?>\n<a  b = 'c' ></a >\n", "<a b=\"c\"></a>"),
        // Namespaces first, by their prefixes; then attributes, those without one first, by namespace and name.
        (
            "<a z='1' y:b='2' x:c='3' a='4' xmlns:x='urn:2' xmlns:y='urn:1' xmlns='urn:3'/>",
            "<a xmlns=\"urn:3\" xmlns:x=\"urn:2\" xmlns:y=\"urn:1\" a=\"4\" z=\"1\" y:b=\"2\" x:c=\"3\"></a>",
        ),
        // What is not used is not written, and what is, where it is first used.
        (
            "<a xmlns:x='urn:x' xmlns:y='urn:y'><x:b><x:c/></x:b><x:b/></a>",
            "<a><x:b xmlns:x=\"urn:x\"><x:c></x:c></x:b><x:b xmlns:x=\"urn:x\"></x:b></a>",
        ),
        (
            "<x:a xmlns:x='urn:x'><b x:c=''/></x:a>",
            "<x:a xmlns:x=\"urn:x\"><b x:c=\"\"></b></x:a>",
        ),
        // A prefix that means something else within.
        (
            "<x:a xmlns:x='urn:1'><x:b xmlns:x='urn:2'/><x:b/></x:a>",
            "<x:a xmlns:x=\"urn:1\"><x:b xmlns:x=\"urn:2\"></x:b><x:b></x:b></x:a>",
        ),
        // Taken back, and never said where there was nothing to take back.
        (
            "<a xmlns='urn:a'><b xmlns=''><c/></b></a>",
            "<a xmlns=\"urn:a\"><b xmlns=\"\"><c></c></b></a>",
        ),
        ("<a xmlns=''><b xmlns=''/></a>", "<a><b></b></a>"),
        ("<a xml:lang='de'/>", "<a xml:lang=\"de\"></a>"),
        (
            "<a b='&lt;&gt;&amp;&quot;&apos;&#9;&#10;&#13;\t'>&lt;>&amp;\"'&#13;\t\u{e4}</a>",
            "<a b=\"&lt;>&amp;&quot;'&#x9;&#xA;&#xD; \">&lt;&gt;&amp;\"'&#xD;\t\u{e4}</a>",
        ),
    ] {
        assert_eq!(told(&read(text), &[]), expected, "{text}");
        // It is its own form, and means the same.
        assert_eq!(told(&read(expected), &[]), expected, "{expected}");
    }
}

#[test]
fn a_part_has_the_form_that_it_has_by_itself() {
    let root = read("<x:a xmlns:x='urn:x' xmlns='urn:d' xml:lang='de'><b><x:c x='1'/></b></x:a>");
    let part = root.elements().next().unwrap();
    assert_eq!(
        told(part, &[]),
        "<b xmlns=\"urn:d\"><x:c xmlns:x=\"urn:x\" x=\"1\"></x:c></b>"
    );
    let left_out = form(&root, Some(part), &[]).unwrap();
    assert_eq!(left_out, b"<x:a xmlns:x=\"urn:x\" xml:lang=\"de\"></x:a>");
}

#[test]
fn prefixes_are_kept_that_a_signature_asks_for() {
    let root = read("<a xmlns='urn:d' xmlns:x='urn:x' xmlns:y='urn:y'><b t='x:c'><c xmlns:x='urn:z'/></b></a>");
    let part = root.elements().next().unwrap();
    assert_eq!(
        told(part, &["x", "none"]),
        "<b xmlns=\"urn:d\" xmlns:x=\"urn:x\" t=\"x:c\"><c xmlns:x=\"urn:z\"></c></b>"
    );
    let prefixed = read("<x:a xmlns='urn:d' xmlns:x='urn:x'/>");
    assert_eq!(
        told(&prefixed, &["#default"]),
        "<x:a xmlns=\"urn:d\" xmlns:x=\"urn:x\"></x:a>"
    );
}

#[test]
fn no_form_is_larger_than_what_can_be_read() {
    let name = "n".repeat(4_000);
    let part = "<x:b/>".repeat(100);
    let text = format!("<a xmlns:x='urn:{name}'>{part}</a>");
    assert_eq!(form(&read(&text), None, &[]), Err(Fault::Xml(xml::Fault::TooLarge)));
}
