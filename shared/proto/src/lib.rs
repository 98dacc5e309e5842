//! Generated contracts, the table of who may call, and the way between wire and types.
