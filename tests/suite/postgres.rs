//! The suite on PostgreSQL: the same stories as in a folder, and what only a server can do to it.

#[path = "postgres/away.rs"]
mod away;
#[path = "postgres/databases.rs"]
mod databases;
#[path = "postgres/load.rs"]
mod load;
#[path = "postgres/roles.rs"]
mod roles;
#[path = "postgres/season.rs"]
mod season;
#[path = "postgres/secured.rs"]
mod secured;
#[path = "postgres/standby.rs"]
mod standby;
#[path = "postgres/statements.rs"]
mod statements;
#[path = "postgres/stories.rs"]
mod stories;
