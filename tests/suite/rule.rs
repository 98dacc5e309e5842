//! The command that answers a question about a notice.
