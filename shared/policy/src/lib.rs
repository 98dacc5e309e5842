//! The rules engine: a notice and the facts about a resident give a ruling with its citations.
//!
//! Each division's notice (通知) for a coverage year is one data file in `notices/`, in the notice's order and
//! words. It is checked and compiled once into flat tables; a question walks them and answers with values,
//! each with the clauses and open points it rests on. Nothing else happens here: no clock, no network, no
//! database, and no amount, date, identity or division of a notice in the code.
//!
//! Conditions are three-valued. A fact that was not given is not assumed: if it could decide, the answer is a
//! refusal with the reason `needs-fact` that names the fact and the row.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod aid;
mod amount;
mod because;
mod benefit;
mod beside;
mod blank;
mod cap;
mod changes;
mod check;
pub mod chinese;
mod claim;
mod compile;
mod condition;
mod costs;
mod day;
mod declared;
mod exact;
mod explain;
mod fact;
mod facts;
mod file;
mod given;
mod government;
mod history;
mod identity;
mod layer;
mod lines;
mod missing;
mod notice;
mod notices;
pub mod page;
mod pay;
mod plainly;
mod point;
pub mod population;
mod price;
mod problem;
mod question;
mod reader;
mod reading;
mod refund;
mod register;
mod rows;
mod ruling;
mod sheet;
mod standard;
mod table;
mod target;
mod tier;
mod trace;
mod unknown;
mod wait;
mod window;
mod words;
mod writing;
pub mod written;

pub use because::{Because, Origin, Point};
pub use beside::{Channels, Duty, Product};
pub use cap::{Cap, CapFacts, CapStep, YearPaid};
pub use changes::{Change, Difference, Entry};
pub use check::Checked;
pub use claim::{Claim, Entitlements};
pub use declared::{Channel, DeclaredIdentity, OpenPoint, Provenance, Route, Target, Way};
pub use explain::{About, Explanation};
pub use fact::Fact;
pub use facts::{Event, Facts, HeldIdentity, LastCovered, Opened, Place};
pub use government::GovernmentSubsidy;
pub use notice::Notice;
pub use notices::{Notices, Stretch};
pub use plainly::plainly;
pub use problem::{Problem, Problems, unknown_in_list};
pub use question::{Counted, Question};
pub use refund::{Delay, Refund, Returned};
pub use ruling::{
    AidLine, Basis, Benefit, Cited, HeldRuling, PastWindow, Payment, PricePart, Refusal, Registration,
    Repair, Stated, Unjudged, WindowHit,
};
pub use target::{Progress, Share};
pub use tier::Tier;
pub use trace::{Trace, Tried, Verdict};
pub use unknown::UnknownWord;
pub use wait::{Wait, WaitLine, WaitPart};
pub use words::{
    Cause, ChannelKind, EmployeeScheme, Funds, History, Kinship, RefundCause, Sex, Step, Student, Submitter,
    Unemployment,
};
