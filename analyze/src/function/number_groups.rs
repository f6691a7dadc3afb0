//! The numbers of some groups, as they come: one by one, or as lists that are held where they lie.

use std::collections::HashSet;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::EmitTo;

use super::number_list::{LONGEST, lists_of};

/// The numbers of every group.
#[derive(Debug, Default)]
pub(super) struct NumberGroups {
    groups: Vec<Numbers>,
    /// What the groups hold of their own, in bytes.
    own_bytes: usize,
    /// The arrays that lists were found in, by address: they live for as long as any of their lists is held, and count once.
    arrays: HashSet<usize>,
    array_bytes: usize,
}

/// The numbers of one group.
#[derive(Debug, Default)]
struct Numbers {
    single: Vec<f64>,
    lists: Vec<Float64Array>,
}

impl Numbers {
    fn own_bytes(&self) -> usize {
        self.single.len() * SINGLE_BYTES + self.lists.len() * LIST_BYTES
    }

    fn together(self) -> Result<Vec<f64>> {
        let mut numbers = self.single;
        for list in self.lists {
            // Nulls within a list do not count.
            match list.null_count() {
                0 => numbers.extend_from_slice(list.values()),
                _ => numbers.extend(list.iter().flatten()),
            }
        }
        if numbers.len() > LONGEST {
            return Err(DataFusionError::ResourcesExhausted("more than 2,147,483,647 numbers in one group".to_owned()));
        }
        Ok(numbers)
    }
}

/// A vector grows by doubling.
const SINGLE_BYTES: usize = 2 * size_of::<f64>();
const LIST_BYTES: usize = 2 * size_of::<Float64Array>();

impl NumberGroups {
    /// Adds the numbers of an array of doubles, or of lists of doubles, that are not null and that the filter lets through.
    pub(super) fn add(&mut self, values: &ArrayRef, group_indices: &[usize], filter: Option<&BooleanArray>, total: usize) -> Result<()> {
        self.make_room(total);
        let counts = |row: usize| values.is_valid(row) && filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        if let DataType::List(_) = values.data_type() {
            let lists = values.as_list::<i32>();
            let numbers = lists.values().as_primitive::<Float64Type>();
            if self.arrays.insert(numbers.values().as_ptr() as usize) {
                self.array_bytes += numbers.len() * size_of::<f64>();
            }
            for (row, group) in group_indices.iter().enumerate().filter(|(row, _)| counts(*row)) {
                let list = lists.value(row);
                self.groups[*group].lists.push(list.as_primitive::<Float64Type>().clone());
                self.own_bytes += LIST_BYTES;
            }
            return Ok(());
        }
        let numbers = values.as_primitive::<Float64Type>().values();
        for (row, group) in group_indices.iter().enumerate().filter(|(row, _)| counts(*row)) {
            self.groups[*group].single.push(numbers[row]);
            self.own_bytes += SINGLE_BYTES;
        }
        Ok(())
    }

    /// Knows at least so many groups.
    pub(super) fn make_room(&mut self, total: usize) {
        if self.groups.len() < total {
            self.groups.resize_with(total, Numbers::default);
        }
    }

    /// Takes some groups out, as one list each; null where there are no numbers.
    pub(super) fn take_lists(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        lists_of(self.take(emit_to)?)
    }

    /// Takes the numbers of some groups out.
    pub(super) fn take(&mut self, emit_to: EmitTo) -> Result<Vec<Vec<f64>>> {
        let taken = emit_to.take_needed(&mut self.groups);
        self.own_bytes -= taken.iter().map(Numbers::own_bytes).sum::<usize>();
        if self.groups.is_empty() {
            self.arrays.clear();
            self.array_bytes = 0;
        }
        taken.into_iter().map(Numbers::together).collect()
    }

    /// What is held, in bytes.
    pub(super) fn size(&self) -> usize {
        self.own_bytes + self.array_bytes + self.groups.capacity() * size_of::<Numbers>()
    }
}
