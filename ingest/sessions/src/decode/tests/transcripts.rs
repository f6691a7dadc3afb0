//! Transcripts: every form of frame, and what is not believed.

use super::*;

const KEY: &str = "ssm/ana.lopez@example.org-0c3d5e7f90a1b2c3d.log";

/// Kind, time, target, exit line and lines of an event.
type Told = (EventKind, Option<Timestamp>, Option<String>, Option<bool>, Option<i64>);

fn told(text: &[u8]) -> Vec<Told> {
    let (found, explained) = read(SourceKind::Transcripts, KEY, text);
    assert_eq!(found.rejects, []);
    assert_eq!(explained.sha256, Some(schemas::sha256_hex(text)));
    assert!(found.events().iter().all(|event| event.session_id.as_deref() == Some("ana.lopez@example.org-0c3d5e7f90a1b2c3d") && event.account_id.is_none()));
    found.events().iter().map(|event| (event.kind, event.event_time, event.target_id.clone(), event.exit_line, event.lines)).collect()
}

#[test]
fn every_form_of_frame() {
    let uploaded = Some(at("2026-07-14T09:15:07Z"));
    let stamp = (EventKind::Stamp, Some(at("2026-07-14T09:15:00Z")), None, None, None);
    let upload = |exit: bool, lines: i64| (EventKind::Upload, uploaded, None, Some(exit), Some(lines));
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/al2.log")), [upload(true, 7), stamp.clone()]);
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/util-linux-2.35.log")), [upload(true, 7), stamp.clone()]);
    let command = told(include_bytes!("../../../fixtures/transcripts/command.log"));
    assert_eq!(command, [(EventKind::Upload, uploaded, Some(NODE.to_owned()), Some(false), Some(5)), stamp.clone()]);
    // Its own exit is the logger's; the first header form has no other, the second has one before it.
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/old-agent.log")), [upload(false, 7), stamp.clone()]);
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/old-agent-noise-first.log")), [upload(true, 8), stamp]);
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/powershell.log")), [upload(false, 10)]);
    assert_eq!(told(include_bytes!("../../../fixtures/transcripts/bsd.log")), [upload(true, 4)]);
    assert_eq!(told(b""), [upload(false, 0)]);
    assert_eq!(told(b"\xff\xfe\0\x1b[ no text at all"), [upload(false, 1)]);
}

#[test]
fn the_footer_stamps_where_no_header_does() {
    let (found, _) = read(SourceKind::Transcripts, KEY, b"sh-5.2$ ls\n\nScript done on 2026-07-14 09:15:01.5+00:00 [COMMAND_EXIT_CODE=\"0\"]\n");
    assert_eq!((found.events()[1].kind, found.events()[1].event_time), (EventKind::DoneStamp, Some(at("2026-07-14T09:15:01.5Z"))));
    let late = b"Script started on 2026-07-14 09:15:08+0000\nScript done on 2026-07-14 09:15:01+0000\n";
    let (found, _) = read(SourceKind::Transcripts, KEY, late);
    assert_eq!((found.events().len(), found.events()[1].kind, found.events()[1].event_time), (2, EventKind::DoneStamp, Some(at("2026-07-14T09:15:01Z"))));
}

#[test]
fn a_transcript_that_nothing_dates_is_refused() {
    let undated = Object { last_modified: None, ..object(SourceKind::Transcripts, KEY) };
    let (mut bare, mut stamped) = (Found::default(), Found::default());
    decode(&undated, &mut &b"sh-5.2$ \n"[..], &mut bare);
    assert_eq!((bare.rejects(), bare.facts.len()), (vec![("", Code::TimeInvalid)], 0));
    decode(&undated, &mut &b"Script started on 2026-07-14 09:15:08+0000\n"[..], &mut stamped);
    assert_eq!((stamped.rejects(), stamped.events()[1].event_time), (vec![("", Code::TimeInvalid)], Some(at("2026-07-14T09:15:08Z"))));
}

#[test]
fn nothing_within_the_text_is_a_stamp() {
    for text in [
        "sh-5.2$ cat x\nScript started on 2026-07-14 09:15:00+0000\n",
        "Script done on 2026-07-14 09:15:00+0000\nsh-5.2$ \n",
        " Script started on 2026-07-14 09:15:00+0000\n",
        "ssm-session-logger\nsh-4.2$ cat x\nScript started on 2026-07-14 09:15:00+0000\n",
        "Script started on 2026-07-14 09:15:00\n",
        "Script started on today\n",
    ] {
        assert_eq!(told(text.as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn a_stamp_later_than_the_upload_has_no_time() {
    let (found, _) = read(SourceKind::Transcripts, KEY, b"Script started on 2026-07-14 09:15:08+0000\n");
    let [upload, stamp] = found.events()[..] else { panic!("{found:?}") };
    assert_eq!((upload.event_time, stamp.kind, stamp.event_time), (Some(at("2026-07-14T09:15:07Z")), EventKind::Stamp, None));
    assert_ne!(upload.event_id, stamp.event_id);
}

#[test]
fn a_stamp_that_cannot_be_is_refused_and_the_upload_stays() {
    for header in ["2026-13-14 09:15:00+0000", "2026-07-14 25:15:00+00:00", "2026-07-14 09:15:00+99:99"] {
        let (found, _) = read(SourceKind::Transcripts, KEY, format!("Script started on {header}\nScript done on 2026-07-14 09:15:00+0000\n").as_bytes());
        assert_eq!(found.rejects(), [("header", Code::TimeInvalid)]);
        assert_eq!(found.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Upload, EventKind::DoneStamp]);
    }
}

#[test]
fn a_header_about_another_session_gives_no_target() {
    let text = b"Script started on 2026-07-14 09:15:00+00:00 [COMMAND=\"cat /x/i-0aa1dc2ba3987654f/session/orchestration/eve-0c3d5e7f90a1b2c3d/f\"]\n";
    assert_eq!(told(text)[0].2, None);
}

#[test]
fn other_names_are_no_transcripts() {
    for key in ["notes.log", "ana.log.gz", "ana-0c3d5e7f90a1b2c3d.txt"] {
        let (found, explained) = read(SourceKind::Transcripts, key, b"Script started on 2026-07-14 09:15:00+0000\n");
        assert_eq!((found.facts, explained.bytes), (vec![], 43));
        assert_eq!(found.rejects[0].code, Code::KeyNotSessionId);
    }
}

#[test]
fn only_the_edges_of_a_long_text_are_kept() {
    let mut text = b"Script started on 2026-07-14 09:15:00+0000\n/usr/bin/ssm-session-logger\n".to_vec();
    text.extend(std::iter::repeat_n(&b"a line of output\xff\r\r\n"[..], 100_000).flatten());
    text.extend_from_slice(b"sh-5.2$ exit\r\r\nsh-4.2# exit\r\r\n\nScript done on 2026-07-14 09:15:00+0000\n");
    let told = told(&text);
    assert_eq!((told[0].3, told[0].4, told[1].1), (Some(true), Some(100_006), Some(at("2026-07-14T09:15:00Z"))));
    let long_line = [&b"Script started on 2026-07-14 09:15:00+0000\n"[..], &vec![b'x'; 3 << 20], b"\nexit"].concat();
    let (found, _) = read(SourceKind::Transcripts, KEY, &long_line);
    assert_eq!(found.events()[0].exit_line, Some(true));
}
