//! The statements about the ledger, tasks and lists.
