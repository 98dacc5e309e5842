//! Other readings of an open point: the file with one field replaced, compiled like the file itself.

use toml::{Table, Value};

/// Gives the notice file as another reading of a point has it. `None` when there is no such reading or it
/// is told in words only; the error names a path that leads nowhere.
pub(crate) fn other_reading(file: &Table, point: &str, number: usize) -> Option<Result<Table, String>> {
    let points = file.get("open")?.as_array()?;
    let point = points.iter().find(|open| open.get("id").and_then(Value::as_str) == Some(point))?;
    let set = point.get("other")?.as_array()?.get(number)?.get("set")?.as_table()?;
    let mut patched = file.clone();
    for (path, value) in set {
        match field(&mut patched, path) {
            Some((table, key)) => table.insert(key.to_owned(), value.clone()),
            None => {
                return Some(Err(format!(
                    "{path:?} leads to no entry; write table, id of the entry and key, such as \"wait.ordinary.ends\""
                )));
            }
        };
    }
    Some(Ok(patched))
}

/// How many other readings a point has.
pub(crate) fn readings(file: &Table) -> Vec<(String, usize)> {
    let points = file.get("open").and_then(Value::as_array).into_iter().flatten();
    points
        .filter_map(|open| {
            let id = open.get("id")?.as_str()?.to_owned();
            let other = open.get("other").and_then(Value::as_array).map_or(0, Vec::len);
            Some((id, other))
        })
        .collect()
}

/// The table and key of a path such as `wait.ordinary.free_missed_years`: section, entry, field; of a section that is one
/// entry, such as `aid_rule.take`, section and field.
fn field<'t, 'p>(file: &'t mut Table, path: &'p str) -> Option<(&'t mut Table, &'p str)> {
    let (section, rest) = path.split_once('.')?;
    let Some((entry, key)) = rest.rsplit_once('.') else {
        let table = file.get_mut(section)?.as_table_mut()?;
        return table.contains_key(rest).then_some((table, rest));
    };
    let table = match file.get_mut(section)? {
        Value::Array(rows) => rows.iter_mut().filter_map(Value::as_table_mut).find(|row| {
            ["id", "name"].iter().any(|key| row.get(*key).and_then(Value::as_str) == Some(entry))
        })?,
        Value::Table(named) => named.get_mut(entry)?.as_table_mut()?,
        _ => return None,
    };
    Some((table, key))
}
