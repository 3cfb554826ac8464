//! Blocks and where they go.

use aedile_engine::Error;

use super::joined;

fn of(files: &[(&str, &str)], name: &str) -> Result<String, Error> {
    joined(name, &mut |name| {
        let found = files.iter().find(|(own, _)| *own == name);
        found
            .map(|(_, text)| (*text).to_owned())
            .ok_or_else(|| Error::internal("there is none"))
    })
}

const BASE: (&str, &str) = (
    "base",
    "<h1>{% block head %}usual{% endblock %}</h1>{% block content %}{% endblock %}",
);

#[test]
fn blocks_go_into_their_places() {
    let page = (
        "page",
        "{% layout \"base\" %} lost {%- block content -%} a\nb {% endblock %}",
    );
    assert_eq!(of(&[BASE, page], "page").unwrap(), "<h1>usual</h1> a\nb ");
    let other = (
        "page",
        "{% layout 'base' %}{% block content %}x{% endblock %}{% block head %}y{% endblock %}",
    );
    assert_eq!(of(&[BASE, other], "page").unwrap(), "<h1>y</h1>x");
    assert_eq!(of(&[("page", "{{ url }}")], "page").unwrap(), "{{ url }}");
}

#[test]
fn layouts_may_have_layouts_but_not_without_end() {
    let middle = ("middle", "{% layout 'base' %}{% block head %}m{% endblock %}");
    let page = ("page", "{% layout 'middle' %}{% block content %}x{% endblock %}");
    assert_eq!(of(&[BASE, middle, page], "page").unwrap(), "<h1>m</h1>x");
    let round = ("page", "{% layout 'page' %}");
    assert!(of(&[round], "page").unwrap_err().to_string().contains("too deep"));
}

#[test]
fn a_layout_is_a_name_and_no_path() {
    for name in ["../secret", "/etc/passwd", "a/b", "", "a.b", "..\\x"] {
        let page = format!("{{% layout '{name}' %}}");
        assert!(
            of(&[("page", &page)], "page").unwrap_err().to_string().contains("name"),
            "{name}"
        );
    }
}
