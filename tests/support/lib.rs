//! What the tests share: starting the suite, the client, generated people.
