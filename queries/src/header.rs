//! Reads the comment at the top of a query.
//!
//! ```sql
//! -- question: How many sessions ran too long, week by week?
//! -- unit: sessions
//! -- grain: week_start, tier
//! -- columns:
//! --   week_start: Local Monday on which the week begins.
//! -- caveats: Only what is certain counts.
//! -- held: cells
//! -- rulings: R25, R26
//! -- definition: kpi_weekly
//! -- needs: findings
//! ```
//!
//! A line that is indented further goes on with what the line before it said. What is missing stays empty; a test of the
//! catalogue sees to it that nothing is.

/// What the comment says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) question: String,
    pub(crate) unit: String,
    pub(crate) grain: Vec<String>,
    pub(crate) columns: Vec<(String, String)>,
    /// The table whose columns these are, where the header says `columns: as in the table …`.
    pub(crate) like: Option<String>,
    pub(crate) caveats: String,
    pub(crate) rulings: Vec<String>,
    pub(crate) held: Vec<String>,
    pub(crate) definition: String,
    pub(crate) needs: Vec<String>,
}

impl Header {
    pub(crate) fn parse(sql: &str) -> Self {
        let mut header = Self::default();
        let mut section = "";
        for line in sql.lines().map_while(|line| line.strip_prefix("--")) {
            let indent = line.len() - line.trim_start().len();
            let text = line.trim();
            match text.split_once(": ").or_else(|| text.strip_suffix(':').map(|name| (name, ""))) {
                Some((name, rest)) if indent == 1 => {
                    section = name;
                    header.add(section, rest);
                }
                Some((name, meaning)) if indent == 3 && section == "columns" => header.columns.push((name.to_owned(), meaning.to_owned())),
                _ if indent > 1 => header.go_on(section, text),
                _ => section = "",
            }
        }
        header
    }

    fn add(&mut self, section: &str, text: &str) {
        let words = || text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned);
        match section {
            "question" => text.clone_into(&mut self.question),
            "unit" => text.clone_into(&mut self.unit),
            "grain" => self.grain.extend(words()),
            "columns" => self.like = text.strip_prefix("as in the table ").map(str::to_owned),
            "caveats" => text.clone_into(&mut self.caveats),
            "rulings" => self.rulings.extend(words()),
            "held" => self.held.extend(words()),
            "definition" => text.clone_into(&mut self.definition),
            "needs" => self.needs.extend(words()),
            _ => {}
        }
    }

    fn go_on(&mut self, section: &str, text: &str) {
        let so_far = match section {
            "question" => &mut self.question,
            "unit" => &mut self.unit,
            "caveats" => &mut self.caveats,
            "columns" => match self.columns.last_mut() {
                Some((_, meaning)) => meaning,
                None => return,
            },
            other => return self.add(other, text),
        };
        if !so_far.is_empty() {
            so_far.push(' ');
        }
        so_far.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn reads_every_section() {
        let sql = "-- question: How many?\n-- unit: sessions\n-- grain: day, tier\n-- columns:\n--   day: The day,\n--     in UTC.\n--   n: How many: all.\n\
                   -- caveats: None\n--   that matter.\n-- held: a, b\n-- rulings: R1, R2\nSELECT 1 -- grain: no\n";
        let header = Header::parse(sql);
        assert_eq!(header.question, "How many?");
        assert_eq!(header.unit, "sessions");
        assert_eq!(header.grain, ["day", "tier"]);
        assert_eq!(header.columns, [("day".to_owned(), "The day, in UTC.".to_owned()), ("n".to_owned(), "How many: all.".to_owned())]);
        assert_eq!(header.caveats, "None that matter.");
        assert_eq!((header.rulings, header.held), (vec!["R1".to_owned(), "R2".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn a_statement_without_a_header_has_none() {
        assert_eq!(Header::parse("SELECT 1"), Header::default());
    }
}
