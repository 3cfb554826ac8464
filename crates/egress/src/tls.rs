//! Encrypted connections: rustls with aws-lc-rs. The other side always shows a certificate for the host that was named;
//! there is no way to leave that out.

use std::sync::Arc;

use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{Error, Result};

/// Trusts the authorities that browsers trust, and those of `more`, in PEM.
pub fn config(more: Option<&str>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in more.map(parsed).transpose()?.into_iter().flatten() {
        roots.add(certificate).map_err(|_| unusable())?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::Setup("the cryptographic library lacks a version of TLS".into()))?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn parsed(text: &str) -> Result<Vec<CertificateDer<'static>>> {
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    found.ok().filter(|found| !found.is_empty()).ok_or_else(unusable)
}

fn unusable() -> Error {
    Error::Setup("EGRESS_CA is not usable: certificates in PEM form are needed, \"-----BEGIN …\" lines included".into())
}
