//! One cell of an answer, whatever the type of its column.

use std::borrow::Cow;
use std::fmt::Write;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, ListArray, StringArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampNanosecondType};
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// A value as the forms see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Double(f64),
    /// A number beyond both, spelt out.
    Number(String),
    /// Text that somebody else wrote.
    Text(Cow<'a, str>),
    /// A date, an instant, or another value that we spelt out ourselves.
    Plain(String),
    List(Vec<Self>),
    Record(Vec<(&'a str, Self)>),
}

/// A column of one batch, ready to be read row by row.
#[derive(Debug)]
pub(super) enum Column {
    Nothing,
    Boolean(BooleanArray),
    Integer(Int64Array),
    Double(Float64Array),
    Text(StringArray),
    Micros {
        array: TimestampMicrosecondArray,
        utc: bool,
    },
    Nanos {
        array: TimestampNanosecondArray,
        utc: bool,
    },
    Date(arrow::array::Date32Array),
    List {
        list: ListArray,
        items: Box<Self>,
    },
    Record {
        record: StructArray,
        fields: Vec<(String, Self)>,
    },
    /// What Arrow can spell out; `number` where it needs no quotes in JSON.
    Other {
        array: ArrayRef,
        number: bool,
    },
}

impl Column {
    pub(super) fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        let as_type = |to: &DataType| cast(array, to);
        Ok(match array.data_type() {
            DataType::Null => Self::Nothing,
            DataType::Boolean => Self::Boolean(array.as_boolean().clone()),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 | DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => {
                Self::Integer(as_type(&DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            DataType::Float16 | DataType::Float32 | DataType::Float64 => Self::Double(as_type(&DataType::Float64)?.as_primitive::<Float64Type>().clone()),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Self::Text(as_type(&DataType::Utf8)?.as_string::<i32>().clone()),
            DataType::Dictionary(_, values) => Self::new(&as_type(values)?)?,
            DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
                Self::Nanos { array: array.as_primitive::<TimestampNanosecondType>().clone(), utc: zone.is_some() }
            }
            DataType::Timestamp(_, zone) => {
                let micros = as_type(&DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))?;
                Self::Micros { array: micros.as_primitive::<TimestampMicrosecondType>().clone(), utc: zone.is_some() }
            }
            DataType::Date32 => Self::Date(array.as_primitive::<Date32Type>().clone()),
            DataType::List(_) => {
                let list = array.as_list::<i32>().clone();
                Self::List { items: Box::new(Self::new(list.values())?), list }
            }
            DataType::LargeList(item) | DataType::FixedSizeList(item, _) | DataType::ListView(item) | DataType::LargeListView(item) => {
                Self::new(&as_type(&DataType::List(item.clone()))?)?
            }
            DataType::Struct(fields) => {
                let record = array.as_struct().clone();
                let columns = fields.iter().zip(record.columns()).map(|(field, column)| Ok((field.name().clone(), Self::new(column)?)));
                Self::Record { fields: columns.collect::<Result<_, ArrowError>>()?, record }
            }
            other => Self::Other { number: other.is_numeric(), array: array.clone() },
        })
    }

    pub(super) fn cell(&self, row: usize) -> Result<Cell<'_>, ArrowError> {
        if self.is_null(row) {
            return Ok(Cell::Null);
        }
        Ok(match self {
            Self::Nothing => Cell::Null,
            Self::Boolean(array) => Cell::Boolean(array.value(row)),
            Self::Integer(array) => Cell::Integer(array.value(row)),
            Self::Double(array) => Cell::Double(array.value(row)),
            Self::Text(array) => Cell::Text(Cow::Borrowed(array.value(row))),
            Self::Micros { array, utc } => Cell::Plain(instant(array.value(row).div_euclid(1_000_000), array.value(row).rem_euclid(1_000_000), 6, *utc)),
            Self::Nanos { array, utc } => {
                let (seconds, nanos) = (array.value(row).div_euclid(1_000_000_000), array.value(row).rem_euclid(1_000_000_000));
                Cell::Plain(if nanos % 1_000 == 0 { instant(seconds, nanos / 1_000, 6, *utc) } else { instant(seconds, nanos, 9, *utc) })
            }
            Self::Date(array) => Cell::Plain(date(i64::from(array.value(row)))),
            Self::List { list, items } => {
                // Offsets are never negative, and never beyond the items.
                let bound = |offset: i32| usize::try_from(offset).unwrap_or_default();
                let range = bound(list.value_offsets()[row])..bound(list.value_offsets()[row + 1]);
                Cell::List(range.map(|item| items.cell(item)).collect::<Result<_, _>>()?)
            }
            Self::Record { fields, .. } => {
                Cell::Record(fields.iter().map(|(name, column)| Ok((name.as_str(), column.cell(row)?))).collect::<Result<_, ArrowError>>()?)
            }
            Self::Other { array, number } => {
                let text = ArrayFormatter::try_new(array, &FormatOptions::default())?.value(row).try_to_string()?;
                if *number { Cell::Number(text) } else { Cell::Text(Cow::Owned(text)) }
            }
        })
    }

    fn is_null(&self, row: usize) -> bool {
        match self {
            Self::Nothing => true,
            Self::Boolean(array) => array.is_null(row),
            Self::Integer(array) => array.is_null(row),
            Self::Double(array) => array.is_null(row),
            Self::Text(array) => array.is_null(row),
            Self::Micros { array, .. } => array.is_null(row),
            Self::Nanos { array, .. } => array.is_null(row),
            Self::Date(array) => array.is_null(row),
            Self::List { list, .. } => list.is_null(row),
            Self::Record { record, .. } => record.is_null(row),
            Self::Other { array, .. } => array.is_null(row),
        }
    }

    /// Whether people expect it flush right.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Double(_) | Self::Other { number: true, .. })
    }
}

/// A double as JSON and SQL write it: the shortest digits that give it back.
pub(super) fn double(value: f64) -> String {
    match serde_json::Number::from_f64(value) {
        Some(number) => number.to_string(),
        None if value.is_nan() => "NaN".to_owned(),
        None if value > 0.0 => "Infinity".to_owned(),
        None => "-Infinity".to_owned(),
    }
}

/// `2026-07-14T09:15:00.000000Z`; without the `Z` where the column names no zone.
fn instant(seconds: i64, fraction: i64, digits: usize, utc: bool) -> String {
    let mut text = date(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400);
    // Writing to a String cannot fail.
    let _ = write!(text, "T{:02}:{:02}:{:02}.{fraction:0digits$}", second / 3_600, second / 60 % 60, second % 60);
    if utc {
        text.push('Z');
    }
    text
}

/// `2026-07-14`, of days since 1970-01-01, by the Gregorian calendar (Howard Hinnant's `civil_from_days`).
fn date(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
