//! The subsidy department.
