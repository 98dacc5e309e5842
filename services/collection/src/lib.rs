//! The collection department.
