//! What a command prints.

use std::{
    fmt::Display,
    io::{self, Write},
};

use canbao_host::StartError;

/// Prints a line on standard output; that a reader wants no more, such as `head`, is no failure.
pub fn print(text: impl Display) -> Result<(), StartError> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        printed => Ok(printed?),
    }
}
