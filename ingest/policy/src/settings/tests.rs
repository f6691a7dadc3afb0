//! Reading settings, apart from what they mean.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::*;

#[test]
fn numbers_in_every_form_of_toml() {
    let file = SettingsFile::parse("a = 0x1F\nb = 1_000\nc = 0.5\nd = 2\ne = inf\nf = 99999999999999999999\ng = 1_0.2_5\nh = -3", "f").unwrap();
    let root = file.root();
    let whole = |key| root.need(key).unwrap().whole_number().map_err(|error| error.to_string());
    let number = |key| root.need(key).unwrap().number().map_err(|error| error.to_string());
    assert_eq!([whole("a"), whole("b"), whole("h")], [Ok(31), Ok(1_000), Ok(-3)]);
    assert_eq!([number("b"), number("c"), number("d"), number("g"), number("h")], [Ok(1_000.0), Ok(0.5), Ok(2.0), Ok(10.25), Ok(-3.0)]);
    assert_eq!(whole("f"), Err("f:6: f: expected a whole number, found a whole number that does not fit".to_owned()));
    assert!(whole("c").is_err() && number("e").is_err());
}

#[test]
fn lines_are_those_of_an_editor() {
    let file = SettingsFile::parse("\u{feff}# é\r\n\r\n[a]\r\nb = 1\r\n", "f").unwrap();
    let a = file.root().section("a").unwrap().unwrap();
    assert_eq!((a.place().line, a.need("b").unwrap().place().line, a.place_of("c").line), (3, 4, 3));
    assert_eq!(a.need("c").unwrap_err().to_string(), "f:3: a.c: missing");
}

#[test]
fn a_slip_of_the_pen_is_told_from_another_word() {
    let known = ["uri", "region", "regions", "log_group", "name"];
    assert_eq!(closest("log-group", &known), Some("log_group"));
    assert_eq!(closest("Region", &known), Some("region"));
    assert_eq!(closest("nmae", &known), None);
    assert_eq!(closest("naem", &["names"]), Some("names"));
    assert_eq!(closest("account", &known), None);
    assert_eq!(closest(&"x".repeat(1_000_000), &known), None);
}

#[test]
fn all_keeps_the_order_of_the_file() {
    let file = SettingsFile::parse("[t]\nz = 1\na = 2\n'a b' = 3\n", "f").unwrap();
    let all = file.root().section("t").unwrap().unwrap().all();
    let shown: Vec<_> = all.iter().map(|(key, setting)| (*key, setting.place().to_string())).collect();
    assert_eq!(shown, [("z", "f:2: t.z".to_owned()), ("a", "f:3: t.a".to_owned()), ("a b", "f:4: t.\"a b\"".to_owned())]);
}
