//! Terminal output: escape sequences off a line, and whether the line leaves the shell (ruling R15).

/// A line as a person saw it: without escape sequences and carriage returns.
pub(super) fn visible(line: &[u8]) -> Vec<u8> {
    let mut seen = Vec::with_capacity(line.len());
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        match byte {
            b'\x1b' => at = escape_end(line, at),
            b'\r' => at += 1,
            _ => {
                seen.push(*byte);
                at += 1;
            }
        }
    }
    seen
}

/// Whether a visible line holds nothing to see.
pub(super) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// Whether a visible line is `exit` or `logout`, alone or after a prompt that ends in `$ `, `# ` or `> `.
pub(super) fn is_exit(line: &[u8]) -> bool {
    [&b"exit"[..], b"logout"].into_iter().filter_map(|word| line.strip_suffix(word)).any(|before| {
        let is_prompt = [&b"$ "[..], b"# ", b"> "].into_iter().any(|end| before.ends_with(end));
        before.is_empty() || is_prompt
    })
}

/// Where the escape sequence that begins at `at` ends. What is no whole sequence loses its first two bytes at most.
fn escape_end(line: &[u8], at: usize) -> usize {
    let control = |from: usize| {
        let parameters = from + line[from..].iter().take_while(|byte| (b'0'..=b'?').contains(byte)).count();
        let between = parameters + line[parameters..].iter().take_while(|byte| (b' '..=b'/').contains(byte)).count();
        line.get(between).filter(|byte| (b'@'..=b'~').contains(byte)).map(|_| between + 1)
    };
    // Strings for the terminal (title, device control) end in BEL or ESC \.
    let string = |from: usize| {
        let length = line[from..].iter().position(|byte| matches!(byte, b'\x07' | b'\x1b'))?;
        let end = from + length;
        if line[end] == b'\x07' { Some(end + 1) } else { (line.get(end + 1) == Some(&b'\\')).then_some(end + 2) }
    };
    let whole = match line.get(at + 1) {
        Some(b'[') => control(at + 2),
        Some(b']' | b'P' | b'X' | b'^' | b'_') => string(at + 2),
        _ => None,
    };
    whole.unwrap_or_else(|| {
        let between = at + 1 + line[at + 1..].iter().take_while(|byte| (b' '..=b'/').contains(byte)).count();
        if line.get(between).is_some_and(|byte| (b'0'..=b'~').contains(byte)) { between + 1 } else { at + 1 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_person_saw() {
        for (line, seen) in [
            (&b"plain"[..], &b"plain"[..]),
            (b"\x1b[01;34mbin\x1b[0m\r\r", b"bin"),
            (b"\x1b[?2004l\rexit", b"exit"),
            (b"\x1b]0;root@web: ~\x07top", b"top"),
            (b"\x1b]0;title\x1b\\top", b"top"),
            (b"\x1b]0;never ends", b"0;never ends"),
            (b"\x1b[31", b"31"),
            (b"\x1b(Bx", b"x"),
            (b"x\x1b", b"x"),
            (b"\xff\x1b=\xfe", b"\xff\xfe"),
        ] {
            assert_eq!(visible(line), seen, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn knows_an_exit() {
        for line in ["exit", "logout", "sh-5.2$ exit", "[root@web ~]# logout", "PS C:\\> exit", "$ exit"] {
            assert!(is_exit(line.as_bytes()), "{line}");
        }
        for line in ["", "exit 3", "sh-5.2$ exit ", "noexit", "sh-5.2$exit", "Exit", "echo exit"] {
            assert!(!is_exit(line.as_bytes()), "{line}");
        }
    }
}
