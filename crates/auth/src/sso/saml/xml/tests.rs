//! What is read is what is written, and what could be read in two ways is not read.

use super::*;

fn told(text: &str) -> Result<Element, Fault> {
    read(text.as_bytes(), Comments::Refused)
}

#[test]
fn what_is_written_is_read() {
    let root = told(
        "\u{feff}<?xml version='1.0' encoding=\"UTF-8\" standalone='no'?>\r\n<a:b xmlns:a=\"urn:a\" xmlns='urn:d' x = 'one\n\ttwo&#10;&#x41;' a:x=\"&lt;&quot;\">\
         &amp;&apos;\r\n<c/>&gt;<d xmlns=''>\u{e4}</d ></a:b>\n",
    )
    .unwrap();
    assert!(root.is("urn:a", "b"));
    assert_eq!(root.attribute("x"), Some("one  two\nA"));
    assert_eq!(root.attributes[1].value, "<\"");
    assert_eq!(&*root.attributes[1].namespace, "urn:a");
    let children: Vec<&Element> = root.elements().collect();
    assert!(children[0].is("urn:d", "c") && children[1].is("", "d"));
    assert_eq!(children[1].text().unwrap(), "ä");
    assert_eq!(root.text(), None, "it holds elements");
    let Node::Text(text) = &root.children[0] else { panic!() };
    assert_eq!(text, "&'\n");
    assert_eq!(root.all().len(), 3);
    assert!(root.only("urn:d", "c").is_some());
    let twice = told("<a><b/><b/></a>").unwrap();
    assert!(twice.only("", "b").is_none() && twice.named("", "b").count() == 2);
}

#[test]
fn what_may_be_read_in_two_ways_is_not_read() {
    for (text, fault) in [
        ("<!DOCTYPE a><a/>", Fault::DocumentType),
        ("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", Fault::DocumentType),
        ("<a><!ENTITY b \"c\"></a>", Fault::DocumentType),
        ("<a>one<!-- --></a>", Fault::Comment),
        ("<!-- --><a/>", Fault::Comment),
        ("<a/><!-- -->", Fault::Comment),
        ("<a><?b c?></a>", Fault::Instruction),
        ("<?b c?><a/>", Fault::Instruction),
        ("<a/><?b c?>", Fault::Instruction),
        ("<a><![CDATA[b]]></a>", Fault::Section),
        ("<a>&b;</a>", Fault::Entity),
        ("<a>&amp</a>", Fault::Entity),
        ("<a>&#0;</a>", Fault::Entity),
        ("<a>&#xD800;</a>", Fault::Entity),
        ("<a>&#x110000;</a>", Fault::Entity),
        ("<a>&#+65;</a>", Fault::Entity),
        ("<a b='&#8;'/>", Fault::Entity),
        ("<a>\u{1}</a>", Fault::Encoding),
        ("<a>\u{fffe}</a>", Fault::Encoding),
        ("<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>", Fault::Encoding),
        ("<?xml version=\"1.1\"?><a/>", Fault::Encoding),
        ("<b:a/>", Fault::Namespace),
        ("<a b:c=''/>", Fault::Namespace),
        ("<a xmlns:b=''/>", Fault::Namespace),
        ("<a xmlns:xml='urn:x'/>", Fault::Namespace),
        ("<a xmlns:xmlns='urn:x'/>", Fault::Namespace),
        ("<a xmlns:b='http://www.w3.org/XML/1998/namespace'/>", Fault::Namespace),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", Fault::Namespace),
        ("<a xmlns:b='urn:b' xmlns:b='urn:c'/>", Fault::Namespace),
        ("<a b='' b=''/>", Fault::Malformed),
        ("<a xmlns:b='urn:b' xmlns:c='urn:b' b:d='' c:d=''/>", Fault::Malformed),
        ("<a></b>", Fault::Malformed),
        ("<x:a xmlns:x='urn:x' xmlns:y='urn:x'></y:a>", Fault::Malformed),
        ("<a><b></a></b>", Fault::Malformed),
        ("<a>", Fault::Malformed),
        ("<a/><b/>", Fault::Malformed),
        ("<a/>b", Fault::Malformed),
        ("b<a/>", Fault::Malformed),
        ("", Fault::Malformed),
        ("<a b=c/>", Fault::Malformed),
        ("<a b='c'd='e'/>", Fault::Malformed),
        ("<a b='<'/>", Fault::Malformed),
        ("<a b/>", Fault::Malformed),
        ("< a/>", Fault::Malformed),
        ("<1a/>", Fault::Malformed),
        ("<a:b:c xmlns:a='urn:a'/>", Fault::Malformed),
        ("<:a/>", Fault::Malformed),
        ("<\u{e4}/>", Fault::Malformed),
        ("<a>]]></a>", Fault::Malformed),
    ] {
        assert_eq!(told(text).map(drop), Err(fault), "{text}");
    }
    assert_eq!(read(b"<a>\xff</a>", Comments::Refused).map(drop), Err(Fault::Encoding));
    let wide: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert!(read(&wide, Comments::Refused).is_err());
}

#[test]
fn the_operators_comments_are_passed_over() {
    let text = "<!-- a --><a>b<!-- <c/> -->d</a><!---->";
    let root = read(text.as_bytes(), Comments::PassedOver).unwrap();
    assert_eq!(root.text().unwrap(), "bd");
    for text in ["<a><!-- -- --></a>", "<a><!-- </a>", "<!DOCTYPE a><a/>"] {
        assert!(read(text.as_bytes(), Comments::PassedOver).is_err(), "{text}");
    }
}

#[test]
fn everything_has_a_bound() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let many = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    let broad = |count: usize| {
        let attributes: Vec<String> = (0..count).map(|n| format!(" a{n}=''")).collect();
        format!("<a{}/>", attributes.concat())
    };
    let long = |bytes: usize| format!("<a>{}</a>", "b".repeat(bytes - 7));
    for (inside, outside) in [
        (nested(MAX_DEPTH), nested(MAX_DEPTH + 1)),
        (many(MAX_ELEMENTS - 1), many(MAX_ELEMENTS)),
        (broad(MAX_ATTRIBUTES), broad(MAX_ATTRIBUTES + 1)),
        (long(MAX_BYTES), long(MAX_BYTES + 1)),
    ] {
        assert!(told(&inside).is_ok());
        assert_eq!(told(&outside).map(drop), Err(Fault::TooLarge));
    }
}
