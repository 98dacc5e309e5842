//! How a table of the report looks.

use std::fmt::Display;

use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};

/// Lines above, below and under the headings, and none between the rows.
const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::none().fill('─').junction('─'))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// An empty table under its headings.
pub(crate) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(headings.to_vec());
    table
}

/// Adds a row: words first, then numbers, which stand at the right.
pub(crate) fn add<W: Display>(
    table: &mut Table,
    words: impl IntoIterator<Item = W>,
    numbers: impl IntoIterator<Item = String>,
) {
    let words = words.into_iter().map(|word| Cell::new(word));
    let right = |number: String| Cell::new(number).set_alignment(CellAlignment::Right);
    table.add_row(words.chain(numbers.into_iter().map(right)).collect::<Vec<_>>());
}

/// A share of a whole in percent, rounded half up to two decimals, for show alone; a dash of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    let (part, whole) = (u128::from(part), u128::from(whole));
    match (part * 20_000 + whole).checked_div(whole * 2) {
        None => "—".to_owned(),
        Some(per_10000) => format!("{}.{:02}%", per_10000 / 100, per_10000 % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_rounded_half_up() {
        let shares = [(2, 3), (1, 3), (1, 20_000), (1, 20_001), (5, 4), (0, 0), (u64::MAX, u64::MAX)];
        let shown = shares.map(|(part, whole)| share(part, whole));
        assert_eq!(shown, ["66.67%", "33.33%", "0.01%", "0.00%", "125.00%", "—", "100.00%"]);
    }
}
