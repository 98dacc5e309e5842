//! How a table of the report looks.

use comfy_table::{LineStyle, Table, TableStyle};

/// Lines above, below and under the headings, and none between the rows.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// An empty table under its headings.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(headings.to_vec());
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
