//! Files of CloudWatch Logs export tasks: `<ISO time with milliseconds>Z <message>`, the message going on in lines without a time.

use schemas::{Code, Timestamp};

use super::docket::Docket;
use super::text::{Line, RECORD_CAP, Text};
use super::values::line_place;

/// Takes each message, with its time and the number of its first line.
pub(super) type Each<'e> = dyn FnMut(Timestamp, &[u8], u64, &mut Docket<'_>) + 'e;

struct Pending {
    /// `None` where the line begins with a time that no event can have.
    timestamp: Option<Timestamp>,
    number: u64,
    message: Vec<u8>,
    is_too_long: bool,
}

/// Reads every message of a file. A message that is not known to be whole, because the file is damaged after it, is left out.
pub(super) fn read(text: &mut Text<'_, '_>, docket: &mut Docket<'_>, each: &mut Each<'_>) {
    let mut pending: Option<Pending> = None;
    let mut strays = 0_u64;
    loop {
        match text.line() {
            Line::End => break,
            Line::Whole { is_cut: true, .. } => break,
            Line::Whole { number, bytes, .. } => match (timestamp(bytes), &mut pending) {
                (Some((timestamp, message)), _) => {
                    finish(pending.take(), docket, each);
                    let is_too_long = message.len() > RECORD_CAP;
                    let message = if is_too_long { Vec::new() } else { message.to_vec() };
                    pending = Some(Pending { timestamp, number, message, is_too_long });
                }
                (None, Some(pending)) => pending.go_on(bytes),
                (None, None) => strays += 1,
            },
            Line::TooLong { number, opening } => match (timestamp(opening), &mut pending) {
                (Some((timestamp, _)), _) => {
                    finish(pending.take(), docket, each);
                    pending = Some(Pending { timestamp, number, message: Vec::new(), is_too_long: true });
                }
                (None, Some(pending)) => pending.is_too_long = true,
                (None, None) => strays += 1,
            },
        }
    }
    if !text.is_damaged() {
        finish(pending, docket, each);
    }
    if strays > 0 {
        docket.refuse(line_place(1), Code::LineUnexpected, format!("{strays} lines stand before the first one that has a time"));
    }
}

impl Pending {
    fn go_on(&mut self, line: &[u8]) {
        if self.is_too_long || self.message.len() + 1 + line.len() > RECORD_CAP {
            self.is_too_long = true;
            self.message = Vec::new();
        } else {
            self.message.push(b'\n');
            self.message.extend_from_slice(line);
        }
    }
}

fn finish(pending: Option<Pending>, docket: &mut Docket<'_>, each: &mut Each<'_>) {
    let Some(pending) = pending else { return };
    let place = || line_place(pending.number);
    match pending.timestamp {
        None => docket.refuse(place(), Code::TimeInvalid, "not a time of the years 1970 to 2199"),
        Some(_) if pending.is_too_long => docket.refuse_size(place(), "a message", RECORD_CAP),
        Some(timestamp) => each(timestamp, &pending.message, pending.number, docket),
    }
}

/// The time at the beginning of a line, and what follows the blank after it. What only has the form of a time, with a month that does
/// not exist, is none; a time that no event can have is one, so that it cannot hide in the message before it.
fn timestamp(line: &[u8]) -> Option<(Option<Timestamp>, &[u8])> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let (time, rest) = line.split_at_checked(FORM.len())?;
    let has_form = FORM.iter().zip(time).all(|(form, byte)| if *form == b'0' { byte.is_ascii_digit() } else { form == byte });
    let message = if rest.is_empty() { rest } else { rest.strip_prefix(b" ")? };
    if !has_form {
        return None;
    }
    let timestamp = Timestamp::parse(std::str::from_utf8(time).ok()?).ok();
    let is_beyond = &time[..4] < b"1970".as_slice() || &time[..4] >= b"2200".as_slice();
    (timestamp.is_some() || is_beyond).then_some((timestamp, message))
}
