//! The rules engine: a notice and the facts about a resident give a ruling with its citations.
