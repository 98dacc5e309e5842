//! The statements about refunds and money in suspense that is given back.
