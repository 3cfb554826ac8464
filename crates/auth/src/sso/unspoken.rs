//! SAML in a binary that is built without it: there is no provider that speaks it, and whoever sets one up is told so.

use std::convert::Infallible;

use aedile_engine::{Object, Result};
use aedile_platform::{Cx, config};

use super::Complaint;
use crate::{Auth, jwt::Flow};

/// A provider that speaks SAML: there is none.
#[derive(Debug)]
pub struct Service(Infallible);

impl Service {
    pub fn new(_: &config::Provider, _: &str) -> std::result::Result<Service, Complaint> {
        Err(super::WITHOUT_SAML)
    }

    pub fn metadata(&self) -> &str {
        match self.0 {}
    }

    pub fn page(&self, _: &Flow, _: i64) -> Result<String> {
        match self.0 {}
    }

    pub async fn claims(&self, _: &Auth, _: &Cx, _: &Flow, _: &str) -> Result<Object> {
        match self.0 {}
    }
}
