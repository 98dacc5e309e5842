//! What the tests share: generated people, the suite in one process or in four, and saying that a test was left out.

mod collector;
mod doors;
mod good;
mod home;
mod journal;
mod outside;
mod page;
mod people;
mod postgres;
mod process;
mod raw;
mod rows;
mod running;
mod target;
mod told;

pub use collector::{Collector, attribute};
pub use doors::{Doors, Visitor, certify, identity};
pub use good::{IDENTITIES, changed, good_request};
pub use home::{Home, Kept};
pub use journal::{Outcome, Sent, answered_again};
pub use outside::left_out;
pub use page::Page;
pub use people::{Person, reference};
pub use postgres::Postgres;
pub use process::{Process, program};
pub use raw::Raw;
pub use rows::{count, rows, texts};
pub use running::{DIVISION, OPENING, Running, YEAR, day, settings};
pub use target::{Call, Calls, Frames, GREETING, Stream, Target, framed};
pub use told::ToldLog;
