//! How a table of the report looks.

use comfy_table::{Table, presets};

/// An empty table under its headings.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(headings.to_vec());
    table
}

/// A share in percent with two decimals, from hundredths of a percent.
pub(super) fn percent(per_10000: u64) -> String {
    format!("{}.{:02}%", per_10000 / 100, per_10000 % 100)
}

/// A share of a whole in percent; a dash of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "—".to_owned(),
        whole => percent(part.saturating_mul(10_000) / whole),
    }
}
