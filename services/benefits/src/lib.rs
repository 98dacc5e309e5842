//! The benefits department.
