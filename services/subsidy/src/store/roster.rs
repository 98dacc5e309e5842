//! Rosters and their lines.

use canbao_host::column::{cover_year, day, division};
use canbao_store::{Row, StoreError, Unit, Value, View};
use canbao_types::{CoverYear, Date, Division, NameKey, PersonKey, ResidentId, RosterId, day_number};

use super::{Key, keyed, opt_day, stored_day};
use crate::identity::Line;

/// A roster, as it is read back.
pub(crate) struct Roster {
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    pub(crate) identity: String,
}

/// A place in a roster.
pub(crate) type Place = (RosterId, u32);

/// A line with whom it is about.
pub(crate) struct Listed {
    pub(crate) person_key: PersonKey,
    pub(crate) name_key: NameKey,
    pub(crate) masked_number: String,
    pub(crate) line: Line,
}

/// Writes a roster down.
pub(crate) fn insert(
    unit: &mut Unit,
    id: RosterId,
    roster: &Roster,
    (submitter, on): (&str, Date),
) -> Result<(), StoreError> {
    let sql = "INSERT INTO roster (division, cover_year, roster, identity, submitter, submitted_day)
               VALUES ($1, $2, $3, $4, $5, $6)";
    let (division, year) = (roster.division.code().into(), roster.cover_year.get().into());
    let identity = roster.identity.as_str().into();
    let values: [Value<'_>; 6] =
        [division, year, id.as_bytes().into(), identity, submitter.into(), day_number(on).into()];
    unit.execute(sql, values).map(drop)
}

/// A roster by its id.
pub(crate) fn get(view: &View, id: RosterId) -> Result<Option<Roster>, StoreError> {
    let sql = "SELECT division, cover_year, identity FROM roster WHERE roster = $1";
    view.query_one(sql, [id.as_bytes().into()], |row| {
        let (division, cover_year) = (division(row.int(0)?)?, cover_year(row.int(1)?)?);
        Ok(Roster { division, cover_year, identity: row.text(2)? })
    })
}

/// Writes down who stands at a place.
pub(crate) fn put_place(
    unit: &mut Unit,
    (division, year): (Division, CoverYear),
    (roster, line): Place,
    person_key: &PersonKey,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO roster_place (division, cover_year, roster, line, person_key)
               VALUES ($1, $2, $3, $4, $5)";
    let values: [Value<'_>; 5] = [
        division.code().into(),
        year.get().into(),
        roster.as_bytes().into(),
        line.into(),
        person_key.as_bytes().into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Who stands where in a roster, by place.
pub(crate) fn places(
    view: &View,
    (division, year): (Division, CoverYear),
    roster: RosterId,
) -> Result<Vec<(u32, PersonKey)>, StoreError> {
    let sql = "SELECT line, person_key FROM roster_place
               WHERE division = $1 AND cover_year = $2 AND roster = $3 ORDER BY line";
    let values = [division.code().into(), year.get().into(), roster.as_bytes().into()];
    view.query(sql, values, |row| Ok((small(row.int(0)?)?, PersonKey::from_bytes(row.id16(1)?))))
}

/// What is known of a person's identity.
pub(crate) fn line(
    view: &View,
    (division, year): (Division, CoverYear),
    (person_key, identity): (&PersonKey, &str),
) -> Result<Option<Listed>, StoreError> {
    let sql =
        "SELECT l.identity, l.listed_day, l.recognised_day, l.certificate_day, l.rated_day, l.kind, l.grade,
                      l.ended_day, l.confirmed_day, l.poor, l.person_key, l.name_key, l.masked_number
               FROM roster_line l
               WHERE division = $1 AND cover_year = $2 AND person_key = $3 AND identity = $4";
    let values = [division.code().into(), year.get().into(), person_key.as_bytes().into(), identity.into()];
    view.query_one(sql, values, |row| {
        Ok(Listed {
            person_key: PersonKey::from_bytes(row.id16(10)?),
            name_key: NameKey::from_bytes(row.id16(11)?),
            masked_number: row.text(12)?,
            line: read(row)?,
        })
    })
}

/// Writes a line down, in place of an earlier one about the same person and identity; a confirmation stays.
pub(crate) fn put_line(
    unit: &mut Unit,
    (division, year): (Division, CoverYear),
    (roster, place): Place,
    listed: &Listed,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO roster_line (division, cover_year, person_key, identity, name_key, masked_number, roster, line,
                                        listed_day, recognised_day, certificate_day, rated_day, kind, grade, ended_day, poor)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
               ON CONFLICT (division, cover_year, person_key, identity)
               DO UPDATE SET name_key = excluded.name_key, masked_number = excluded.masked_number,
                             roster = excluded.roster, line = excluded.line, listed_day = excluded.listed_day,
                             recognised_day = excluded.recognised_day, certificate_day = excluded.certificate_day,
                             rated_day = excluded.rated_day, kind = excluded.kind, grade = excluded.grade,
                             ended_day = excluded.ended_day, poor = excluded.poor";
    let line = &listed.line;
    let values: [Value<'_>; 16] = [
        division.code().into(),
        year.get().into(),
        listed.person_key.as_bytes().into(),
        line.identity.as_str().into(),
        listed.name_key.as_bytes().into(),
        listed.masked_number.as_str().into(),
        roster.as_bytes().into(),
        place.into(),
        day_number(line.listed_on).into(),
        day_number(line.recognised_on).into(),
        stored_day(line.certificate_on),
        stored_day(line.rated_on),
        line.kind.as_deref().into(),
        line.grade.into(),
        stored_day(line.ended_on),
        line.poor.into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// Confirms a line that is not confirmed yet.
pub(crate) fn confirm(
    unit: &mut Unit,
    (division, year): (Division, CoverYear),
    (person_key, identity): (&PersonKey, &str),
    on: Date,
) -> Result<(), StoreError> {
    let sql = "UPDATE roster_line SET confirmed_day = $5
               WHERE division = $1 AND cover_year = $2 AND person_key = $3 AND identity = $4
                 AND confirmed_day IS NULL";
    let values: [Value<'_>; 5] = [
        division.code().into(),
        year.get().into(),
        person_key.as_bytes().into(),
        identity.into(),
        day_number(on).into(),
    ];
    unit.execute(sql, values).map(drop)
}

/// The lines that belong to a resident, in the order in which they were listed. The keys are looked up first: a join
/// would go through every line of the year.
pub(crate) fn of_resident(view: &View, key: &Key) -> Result<Vec<Line>, StoreError> {
    let sql =
        "SELECT l.identity, l.listed_day, l.recognised_day, l.certificate_day, l.rated_day, l.kind, l.grade,
                      l.ended_day, l.confirmed_day, l.poor
               FROM roster_line l
               JOIN person p ON p.person_key = l.person_key AND p.name_key = l.name_key
               WHERE l.division = $1 AND l.cover_year = $2
                 AND l.person_key IN (SELECT person_key FROM person WHERE resident = $3)
               ORDER BY l.listed_day, l.person_key, l.identity";
    view.query(sql, keyed(key), read)
}

/// Writes down whether a resident's identity counts.
pub(crate) fn put_counts(
    unit: &mut Unit,
    key: &Key,
    identity: &str,
    counts: Option<bool>,
) -> Result<(), StoreError> {
    let sql = "UPDATE roster_line SET counts = $5
               WHERE division = $1 AND cover_year = $2 AND identity = $4
                 AND person_key IN (SELECT person_key FROM person WHERE resident = $3)";
    let [division, year, resident] = keyed(key);
    unit.execute(sql, [division, year, resident, identity.into(), counts.into()]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Line, StoreError> {
    Ok(Line {
        identity: row.text(0)?,
        listed_on: day(row.int(1)?)?,
        recognised_on: day(row.int(2)?)?,
        certificate_on: opt_day(row, 3)?,
        rated_on: opt_day(row, 4)?,
        kind: row.opt_text(5)?,
        grade: row.opt_int(6)?.map(small).transpose()?,
        ended_on: opt_day(row, 7)?,
        confirmed_on: opt_day(row, 8)?,
        poor: row.opt_int(9)?.map(|poor| poor != 0),
    })
}

/// A place or a grade.
fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupt { what: format!("{number} is no small number") })
}

/// How a line fits who is registered.
pub(crate) enum Fit {
    /// Nobody is registered under the document.
    Nobody,
    /// Document and name are the resident's.
    Resident(ResidentId),
    /// The document is registered under another name.
    OtherName,
}

/// A line in a list.
pub(crate) struct Shown {
    pub(crate) person_key: PersonKey,
    pub(crate) masked_number: String,
    pub(crate) place: Place,
    pub(crate) line: Line,
    pub(crate) fit: Fit,
    pub(crate) insured: bool,
}

/// Lines of one identity after a person, by person key; only of people who are not insured, when `missing_only`.
pub(crate) fn list(
    view: &View,
    (division, year, identity): (Division, CoverYear, &str),
    missing_only: bool,
    (after, limit): (&[u8; 16], u32),
) -> Result<Vec<Shown>, StoreError> {
    let sql = "SELECT l.identity, l.listed_day, l.recognised_day, l.certificate_day, l.rated_day, l.kind, l.grade,
                      l.ended_day, l.confirmed_day, l.poor, l.person_key, l.masked_number, l.roster, l.line, m.fit, m.resident,
                      m.insured
               FROM roster_line l
               JOIN roster_match m ON m.division = l.division AND m.cover_year = l.cover_year
                                  AND m.person_key = l.person_key AND m.identity = l.identity
               WHERE l.division = $1 AND l.cover_year = $2 AND l.identity = $3 AND l.person_key > $4
                 AND (CAST($5 AS BIGINT) = 0 OR m.insured = 0)
               ORDER BY l.person_key LIMIT $6";
    let values: [Value<'_>; 6] = [
        division.code().into(),
        year.get().into(),
        identity.into(),
        after.into(),
        missing_only.into(),
        limit.into(),
    ];
    view.query(sql, values, |row| {
        let fit = match row.int(14)? {
            0 => Fit::Nobody,
            1 => Fit::Resident(ResidentId::from_bytes(row.id16(15)?)),
            _ => Fit::OtherName,
        };
        Ok(Shown {
            person_key: PersonKey::from_bytes(row.id16(10)?),
            masked_number: row.text(11)?,
            place: (RosterId::from_bytes(row.id16(12)?), small(row.int(13)?)?),
            line: read(row)?,
            fit,
            insured: row.int(16)? == 1,
        })
    })
}

/// Heads of an identity or a group.
#[derive(Default)]
pub(crate) struct Heads {
    pub(crate) listed: u64,
    pub(crate) registered: u64,
    pub(crate) counted: u64,
    pub(crate) insured: u64,
}

/// The people on the rosters of some identities who had not left them by a day; somebody in several counts once. None
/// without a roster of any of them.
pub(crate) fn heads<'a>(
    view: &View,
    (division, year): (Division, CoverYear),
    identities: impl IntoIterator<Item = &'a str>,
    today: Date,
) -> Result<Option<Heads>, StoreError> {
    // A bar stands between names, and in none; whoever is among them can be taken out.
    let identities: String = identities.into_iter().map(|name| format!("|{name}|")).collect();
    let rosters = "SELECT COUNT(*) FROM roster
                   WHERE division = $1 AND cover_year = $2 AND REPLACE($3, '|' || identity || '|', '') <> $3";
    let of: [Value<'_>; 3] = [division.code().into(), year.get().into(), identities.as_str().into()];
    if view.query_one(rosters, of, |row| row.int(0))?.unwrap_or_default() == 0 {
        return Ok(None);
    }
    let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(registered), 0) AS BIGINT),
                      CAST(COALESCE(SUM(counted), 0) AS BIGINT), CAST(COALESCE(SUM(insured), 0) AS BIGINT)
               FROM (SELECT MAX(CASE WHEN resident IS NULL THEN 0 ELSE 1 END) AS registered,
                            MAX(CASE WHEN resident IS NULL THEN 0 ELSE COALESCE(counts, 0) END) AS counted,
                            MAX(insured) AS insured
                     FROM roster_match
                     WHERE division = $1 AND cover_year = $2 AND REPLACE($3, '|' || identity || '|', '') <> $3
                       AND (ended_day IS NULL OR ended_day >= $4)
                     GROUP BY COALESCE(resident, person_key)) AS people";
    let [division, year, identities] = of;
    view.query_one(sql, [division, year, identities, day_number(today).into()], |row| {
        Ok(Heads {
            listed: row.uint(0)?,
            registered: row.uint(1)?,
            counted: row.uint(2)?,
            insured: row.uint(3)?,
        })
    })
}
