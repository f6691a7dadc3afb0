//! The pages of a column, with the bounds of what is in them: how a search reads a few thousand rows of a file of millions.

use std::ops::Range;

use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

/// A page of a column; where a file does not say its pages, all of the column within a row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page<B> {
    /// Places of its rows in the file.
    pub(super) rows: Range<usize>,
    /// The least and the greatest value in it, or values beyond them; `None` where the file does not say it.
    pub(super) bounds: Option<(B, B)>,
}

impl<B: Ord> Page<B> {
    /// Whether a value may be in the page.
    pub(super) fn may_hold(&self, value: &B) -> bool {
        self.bounds.as_ref().is_none_or(|(low, high)| low <= value && value <= high)
    }

    pub(super) fn meets(&self, rows: &Range<usize>) -> bool {
        self.rows.start < rows.end && rows.start < self.rows.end
    }
}

/// The places of a row group's rows in the file.
pub(super) fn places(metadata: &ParquetMetaData, group: usize) -> Range<usize> {
    let rows = |group: usize| usize::try_from(metadata.row_group(group).num_rows()).unwrap_or(0);
    let start = (0..group).map(rows).sum();
    start..start + rows(group)
}

/// The number of a column within a row group; `None` where the file has none of this name.
pub(super) fn column(metadata: &ParquetMetaData, name: &str) -> Option<usize> {
    metadata.file_metadata().schema_descr().columns().iter().position(|column| column.path().string() == name)
}

/// The pages of a column of texts, but for those that hold nothing but nulls.
pub(super) fn texts<'m>(metadata: &'m ParquetMetaData, group: usize, column: usize) -> Vec<Page<&'m [u8]>> {
    let of_index = |index: &'m ColumnIndexMetaData, page: usize| match index {
        ColumnIndexMetaData::BYTE_ARRAY(index) => index.min_value(page).zip(index.max_value(page)),
        _ => None,
    };
    pages(metadata, group, column, of_index, text_bounds)
}

/// The pages of a column of numbers, but for those that hold nothing but nulls.
pub(super) fn integers(metadata: &ParquetMetaData, group: usize, column: usize) -> Vec<Page<i64>> {
    let of_index = |index: &ColumnIndexMetaData, page: usize| match index {
        ColumnIndexMetaData::INT64(index) => index.min_value(page).copied().zip(index.max_value(page).copied()),
        _ => None,
    };
    pages(metadata, group, column, of_index, integer_bounds)
}

/// All of a column of texts within a row group, as one page; `None` where it holds nothing but nulls.
pub(super) fn whole_texts(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<Page<&[u8]>> {
    whole(metadata, group, column, text_bounds)
}

/// All of a column of numbers within a row group, likewise.
pub(super) fn whole_integers(metadata: &ParquetMetaData, group: usize, column: usize) -> Option<Page<i64>> {
    whole(metadata, group, column, integer_bounds)
}

fn text_bounds(statistics: &Statistics) -> Option<(&[u8], &[u8])> {
    match statistics {
        Statistics::ByteArray(values) => Some((values.min_opt()?.data(), values.max_opt()?.data())),
        _ => None,
    }
}

fn integer_bounds(statistics: &Statistics) -> Option<(i64, i64)> {
    match statistics {
        Statistics::Int64(values) => values.min_opt().copied().zip(values.max_opt().copied()),
        _ => None,
    }
}

fn whole<'m, B>(metadata: &'m ParquetMetaData, group: usize, column: usize, of_statistics: impl Fn(&'m Statistics) -> Option<(B, B)>) -> Option<Page<B>> {
    let rows = places(metadata, group);
    let statistics = metadata.row_group(group).column(column).statistics();
    let is_empty = statistics.and_then(Statistics::null_count_opt).is_some_and(|nulls| nulls == rows.len() as u64);
    (!is_empty).then(|| Page { rows, bounds: statistics.and_then(of_statistics) })
}

fn pages<'m, B>(
    metadata: &'m ParquetMetaData,
    group: usize,
    column: usize,
    of_index: impl Fn(&'m ColumnIndexMetaData, usize) -> Option<(B, B)>,
    of_statistics: impl Fn(&'m Statistics) -> Option<(B, B)>,
) -> Vec<Page<B>> {
    let rows = places(metadata, group);
    let index = metadata.column_index().and_then(|groups| groups.get(group)?.get(column));
    let locations = metadata.offset_index().and_then(|groups| groups.get(group)?.get(column)).map(|index| index.page_locations());
    let starts: Option<Vec<usize>> = locations.map(|locations| locations.iter().filter_map(|page| usize::try_from(page.first_row_index).ok()).collect());
    match (index, starts) {
        // What makes no sense is passed over, and the whole is read.
        (Some(index), Some(starts)) if starts.first() == Some(&0) && starts.is_sorted_by(|one, other| one < other) && fits(index, &starts, &rows) => {
            let end = |page: usize| starts.get(page + 1).map_or(rows.end, |next| rows.start + next);
            let pages = starts.iter().enumerate().filter(|(page, _)| !index.is_null_page(*page));
            pages.map(|(page, start)| Page { rows: rows.start + start..end(page), bounds: of_index(index, page) }).collect()
        }
        _ => whole(metadata, group, column, of_statistics).into_iter().collect(),
    }
}

fn fits(index: &ColumnIndexMetaData, starts: &[usize], rows: &Range<usize>) -> bool {
    !matches!(index, ColumnIndexMetaData::NONE) && index.num_pages() == starts.len() as u64 && starts.last().is_some_and(|last| *last < rows.len())
}
