//! The registration department.
