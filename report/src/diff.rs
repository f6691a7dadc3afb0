//! What a later report says otherwise than an earlier one of the same period: both as their JSON.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::SCHEMA;

/// One thing that two reports say differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The figure, or the table and the key of the row.
    pub place: String,
    /// The column; empty for a figure, and where the row as a whole is in one of them only.
    pub column: String,
    /// What the earlier one says.
    pub before: String,
    /// What the later one says.
    pub after: String,
    /// Whether it is a figure at the head of the report.
    pub is_figure: bool,
}

/// Why two reports cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiffError {
    /// The text is no report.
    #[error("{0} is no report in JSON")]
    NotAReport(&'static str),
    /// The form is another.
    #[error("{which} has the form {found:?}, and not {expected:?}", expected = SCHEMA)]
    OtherForm {
        /// Which of both.
        which: &'static str,
        /// What it says.
        found: String,
    },
    /// They report different things.
    #[error("one reports {before}, the other {after}")]
    OtherPeriod {
        /// The earlier one.
        before: String,
        /// The later one.
        after: String,
    },
}

/// Two reports, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// `as_of` of the earlier one.
    pub before: String,
    /// `as_of` of the later one.
    pub after: String,
    /// Whether the earlier one was of a period that had not ended.
    pub was_to_date: bool,
    /// What they say differently.
    pub differences: Vec<Difference>,
}

/// Compares two reports.
///
/// # Errors
/// Where one of them is none, or they report different periods.
pub fn diff(before: &str, after: &str) -> Result<Diff, DiffError> {
    let (before, after) = (read(before, "the first")?, read(after, "the second")?);
    let about = |report: &Json| format!("{} {}", text(&report["kind"]), text(&report["period"]["label"]));
    if about(&before) != about(&after) {
        return Err(DiffError::OtherPeriod { before: about(&before), after: about(&after) });
    }
    let mut differences = Vec::new();
    let (old, new) = (figures(&before), figures(&after));
    for id in keys(&old, &new) {
        let (one, other) = (old.get(id), new.get(id));
        if one != other {
            differences.push(Difference { place: id.clone(), column: String::new(), before: told(one), after: told(other), is_figure: true });
        }
    }
    let (old, new) = (tables(&before), tables(&after));
    for id in keys(&old, &new) {
        let nothing = BTreeMap::new();
        rows(id, old.get(id).unwrap_or(&nothing), new.get(id).unwrap_or(&nothing), &mut differences);
    }
    Ok(Diff { before: text(&before["as_of"]), after: text(&after["as_of"]), was_to_date: before["period"]["to_date"] == Json::Bool(true), differences })
}

fn read(report: &str, which: &'static str) -> Result<Json, DiffError> {
    let report: Json = serde_json::from_str(report).map_err(|_| DiffError::NotAReport(which))?;
    match report.get("schema").and_then(Json::as_str) {
        Some(SCHEMA) => Ok(report),
        Some(other) => Err(DiffError::OtherForm { which, found: other.to_owned() }),
        None => Err(DiffError::NotAReport(which)),
    }
}

type Row<'r> = BTreeMap<String, &'r Json>;

fn figures(report: &Json) -> BTreeMap<String, &Json> {
    list(&report["figures"]).map(|figure| (text(&figure["id"]), &figure["value"])).collect()
}

/// The rows of every table by their key. Rows of one key are told apart by their order.
fn tables(report: &Json) -> BTreeMap<String, BTreeMap<String, Row<'_>>> {
    let all = list(&report["sections"]).flat_map(|section| list(&section["tables"]));
    let all = all.map(|table| {
        let columns: Vec<String> = list(&table["columns"]).map(|column| text(&column["name"])).collect();
        let key: Vec<String> = list(&table["key"]).map(text).collect();
        let mut rows: BTreeMap<String, Row<'_>> = BTreeMap::new();
        for row in list(&table["rows"]) {
            let row: Row<'_> = columns.iter().cloned().zip(list(row)).collect();
            let name = key.iter().map(|column| row.get(column).map_or_else(String::new, |value| text(value))).collect::<Vec<_>>().join(", ");
            let mut unique = name.clone();
            let mut ordinal = 2;
            while rows.contains_key(&unique) {
                unique = format!("{name} ({ordinal})");
                ordinal += 1;
            }
            rows.insert(unique, row);
        }
        (text(&table["id"]), rows)
    });
    all.collect()
}

fn rows(table: &str, old: &BTreeMap<String, Row<'_>>, new: &BTreeMap<String, Row<'_>>, differences: &mut Vec<Difference>) {
    for key in keys(old, new) {
        let place = format!("{table} [{key}]");
        let whole = |before: &str, after: &str| Difference {
            place: place.clone(),
            column: String::new(),
            before: before.to_owned(),
            after: after.to_owned(),
            is_figure: false,
        };
        match (old.get(key), new.get(key)) {
            (Some(one), Some(other)) => {
                for column in keys(one, other) {
                    let (before, after) = (one.get(column), other.get(column));
                    if before != after {
                        let (before, after) = (told(before), told(after));
                        differences.push(Difference { place: place.clone(), column: column.clone(), before, after, is_figure: false });
                    }
                }
            }
            (Some(_), None) => differences.push(whole("a row", "none")),
            (None, _) => differences.push(whole("none", "a row")),
        }
    }
}

fn keys<'m, V>(old: &'m BTreeMap<String, V>, new: &'m BTreeMap<String, V>) -> impl Iterator<Item = &'m String> {
    old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)))
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

/// A text without its quotes; anything else as JSON.
fn text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn told(value: Option<&&Json>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| if value.is_null() { "null".to_owned() } else { text(value) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(as_of: &str, value: i64, rows: Json) -> String {
        json!({
            "schema": SCHEMA, "kind": "weekly", "period": { "label": "2026-W28", "to_date": false }, "as_of": as_of,
            "figures": [{ "id": "over_limit", "value": value }],
            "sections": [{ "tables": [{ "id": "owners", "key": ["owner"], "columns": [{ "name": "owner" }, { "name": "n" }], "rows": rows }] }],
        })
        .to_string()
    }

    #[test]
    fn tells_what_is_said_otherwise() {
        let before = report("2026-07-13T00:00:00Z", 3, json!([["a", 1], ["b", 2]]));
        let after = report("2026-07-14T00:00:00Z", 4, json!([["a", 5], ["c", 2]]));
        let diff = diff(&before, &after).unwrap_or_else(|error| unreachable!("{error}"));
        let told: Vec<_> = diff.differences.iter().map(|one| (one.place.as_str(), one.column.as_str(), one.before.as_str(), one.after.as_str())).collect();
        assert_eq!(
            told,
            [("over_limit", "", "3", "4"), ("owners [a]", "n", "1", "5"), ("owners [b]", "", "a row", "none"), ("owners [c]", "", "none", "a row"),]
        );
        assert!(!diff.was_to_date && diff.differences[0].is_figure);
    }

    #[test]
    fn the_same_is_no_difference_and_strangers_are_refused() {
        let one = report("2026-07-13T00:00:00Z", 3, json!([["a", 1], ["a", 1]]));
        assert_eq!(diff(&one, &one).map(|diff| diff.differences), Ok(Vec::new()));
        assert_eq!(diff("{}", &one), Err(DiffError::NotAReport("the first")));
        let other = one.replace("report/1", "report/2");
        assert!(matches!(diff(&one, &other), Err(DiffError::OtherForm { which: "the second", .. })));
        let other = one.replace("W28", "W29");
        assert!(matches!(diff(&one, &other), Err(DiffError::OtherPeriod { .. })));
    }
}
