//! Settings that would be more than they are for.

use super::Brand;

#[test]
fn a_brand_is_no_more_than_that() {
    let brand = Brand::new(
        "https://example.com/",
        Some("Acme\r\nBcc: all@example.com"),
        Some("#fff;background:url(https://evil.example)"),
        Some("0b5d"),
        Some("javascript:alert(1)"),
    );
    assert_eq!(brand.name, "AcmeBcc: all@example.com");
    assert_eq!(brand.color, "#6644FF");
    assert_eq!(brand.logo.as_deref(), Some("https://example.com/assets/0b5d"));
    assert_eq!(brand.url, None);
    let brand = Brand::new("/", Some(" "), Some("#0aF"), None, Some("https://acme.example"));
    assert_eq!((brand.name.as_str(), brand.color.as_str()), ("Aedile", "#0aF"));
    assert_eq!(brand.url.as_deref(), Some("https://acme.example"));
}
