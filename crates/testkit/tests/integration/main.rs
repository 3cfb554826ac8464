//! Tests of the whole: what the parts promise together, on real files and with the real binary. One test binary, since
//! each costs a link.

#[cfg(test)]
mod access_file;
#[cfg(test)]
mod adopted;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod geometry;
#[cfg(test)]
mod guesses;
#[cfg(test)]
mod ldap;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod mariadb;
#[cfg(test)]
mod postgres;
#[cfg(test)]
mod process;
#[cfg(test)]
mod project;
#[cfg(test)]
mod races;
#[cfg(test)]
mod saml;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod shared;
#[cfg(test)]
mod sso;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod templates;
