//! The key of a certificate as `openssl` makes them, and what is none.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;

/// A certificate of the curve P-256 that has signed itself.
const CERTIFICATE: &str = "MIIBgjCCASegAwIBAgIUQPAoUBkf3Zs5u/ozE1+0ITn6FJ8wCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUwHhcN\
MjYxMTIyMDIxMDM2WhcNMzYxMTE5MDIxMDM2WjAWMRQwEgYDVQQDDAtpZHAuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCpHIoYziObzb6+auhna\
JAAOUWtspOph7mcKjGKnu4NUNNgH3aNeQEzvRmmRAocelb+NHNizGnFT8EKslL8dAiejUzBRMB0GA1UdDgQWBBTVlV6pDxNym3yMhb+HDH066a3mXTAfBgNVHSME\
GDAWgBTVlV6pDxNym3yMhb+HDH066a3mXTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCEdmOp5C6Zue4CTOVuOJwg5roxTjkO/ri5IgGhLieK\
MAIhAMyEYczKyHhUVeU+ZKXFd3nwsSamHpgRbYxv4Iv5CFgj";

#[test]
fn the_key_is_found() {
    let bytes = STANDARD.decode(CERTIFICATE).unwrap();
    let found = key(&bytes).unwrap();
    // 91 bytes, the last 65 of them the point, are what keys of this curve have.
    assert_eq!((found.len(), found[26]), (91, 4));
    assert!(bytes.windows(91).any(|part| part == found));
    assert!(super::super::signature::Key::of_certificate(CERTIFICATE).is_some());
}

#[test]
fn what_is_no_certificate_has_no_key() {
    let bytes = STANDARD.decode(CERTIFICATE).unwrap();
    for end in 0..bytes.len() {
        assert_eq!(key(&bytes[..end]), Err(Malformed), "{end}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(key(&longer), Err(Malformed));
    let spoilt = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 0x1f;
        key(&bytes)
    };
    for at in [0, 4, 8] {
        assert_eq!(spoilt(at), Err(Malformed), "{at}");
    }
}
