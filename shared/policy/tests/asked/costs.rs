//! Amounts, parts and aid as the cases write them.

use canbao_policy::{AidLine, PricePart, Stated};
use canbao_types::{Bearer, Money};
use serde_json::{Value, json};

/// The lines of one aid, or of several given at once.
pub fn aid(lines: &[AidLine]) -> Value {
    let Some(first) = lines.first() else { return Value::Null };
    let mut rows: Vec<&str> = lines.iter().map(id).collect();
    rows.dedup();
    json!({
        "id": rows.join("、"),
        "amount": money(AidLine::total(lines)),
        "payer": AidLine::payers(lines),
        "declared": first.declared,
        "shares": shares(lines),
    })
}

pub fn aid_of_each_row(lines: &[AidLine]) -> Vec<Value> {
    lines.chunk_by(|one, next| one.row == next.row).map(aid).collect()
}

/// Row, payer and amount of each line.
pub fn shares(lines: &[AidLine]) -> Vec<Value> {
    lines.iter().map(|line| json!([id(line), line.payer.to_string(), money(line.amount)])).collect()
}

fn id(line: &AidLine) -> &str {
    line.row.trim_start_matches("aid ")
}

pub fn line(line: &PricePart) -> Value {
    let bearer = match &line.bearer {
        Bearer::Person => "person",
        Bearer::Payer(payer) => payer,
    };
    match &line.name {
        None => json!([line.part.code(), money(line.amount), bearer]),
        Some(name) => json!([line.part.code(), money(line.amount), bearer, &**name]),
    }
}

pub fn money(amount: Stated<Money>) -> String {
    match amount {
        Stated::Is(amount) => yuan(amount),
        unstated => unstated.to_string(),
    }
}

/// As the cases write it: without fen when there are none.
pub fn yuan(amount: Money) -> String {
    amount.to_string().trim_end_matches(".00").to_owned()
}
