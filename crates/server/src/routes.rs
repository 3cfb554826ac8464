//! All routes, one file per resource, and which of them come first. The files turn a call into a verb and its answer
//! into a reply; must never decide what a caller may do where a verb can.

mod access;
pub mod auth;
mod extensions;
pub mod items;
mod me;
mod model;
mod schema;
mod server;
mod sso;
mod studio;
mod system;
mod transfer;
mod users_self;
mod utils;

use crate::router::Table;

/// The table. A route with fixed segments has to be added before one whose variable segments fit the same path.
pub fn table() -> Table {
    let mut table = Table::default();
    table.add(server::OPEN);
    table.add(server::HELD_UP);
    table.add(server::ROUTES);
    table.add_entrances(auth::ROUTES);
    table.add_entrances(sso::ROUTES);
    table.add_entrances(sso::FORMS);
    table.add_entrances(users_self::ENTRANCES);
    table.add(users_self::HELD_UP);
    table.add(users_self::ROUTES);
    table.add(me::HELD_UP);
    table.add(me::ROUTES);
    table.add(items::READS);
    table.add(items::ROUTES);
    table.add(model::ROUTES);
    table.add(schema::ROUTES);
    table.add(schema::UPLOADS);
    table.add(utils::ROUTES);
    table.add(transfer::ROUTES);
    table.add(transfer::UPLOADS);
    table.add(access::ROUTES);
    table.add(extensions::ROUTES);
    table.add(studio::OPEN);
    table.add(studio::ROUTES);
    system::add(&mut table);
    table
}
