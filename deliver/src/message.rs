//! A message: what a channel carries, whatever it tells of.

/// One thing to say, in the forms that channels take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// JSON whose `schema` says what else is in it, and whose `text` is for people.
    pub(crate) document: String,
    /// For the head of a mail: one line of ASCII.
    pub(crate) subject: String,
    /// The same for the same message: what a queue that drops repetitions tells them by.
    pub(crate) digest: String,
}
