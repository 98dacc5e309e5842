//! The project's files as the tests read them: Rust text in which comments, literals and tests can be told apart.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// One file of Rust, of ours.
pub struct Source {
    /// Its path from the top of the project.
    pub path: String,
    /// The text with comments and the content of literals blanked, line for line and byte for byte.
    pub code: String,
    /// The same with tests blanked: what is shipped.
    pub shipped: String,
    /// The text literals, each with its first line.
    texts: Vec<(usize, String)>,
    /// The lines of `#[cfg(test)]` items.
    tests: Vec<Range<usize>>,
}

/// The top of the project.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the project").to_owned()
}

/// The text of one file.
pub fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of the project, new ones included; what `.gitignore` names is left out.
pub fn files() -> Vec<String> {
    listed(&["--cached", "--others", "--exclude-standard"])
}

/// Every file that was added to the project: not what somebody who tries it keeps beside it.
pub fn added_files() -> Vec<String> {
    listed(&["--cached"])
}

fn listed(which: &[&str]) -> Vec<String> {
    let listed = Command::new("git")
        .args([&["ls-files", "-z"], which].concat())
        .current_dir(top())
        .output()
        .expect("git lists the files");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("paths are text");
    let mut files: Vec<_> = listed.split('\0').filter(|path| top().join(path).is_file()).collect();
    files.sort_unstable();
    files.dedup();
    files.into_iter().map(str::to_owned).collect()
}

/// Every file of Rust.
pub fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        let rust = files().into_iter().filter(|path| path.ends_with(".rs"));
        rust.map(|path| Source::new(&path, &read(&path))).collect()
    });
    &SOURCES
}

impl Source {
    /// Tells comments, literals and tests apart.
    pub fn new(path: &str, text: &str) -> Self {
        let (code, texts) = blank(text);
        let tests: Vec<_> =
            code.match_indices("#[cfg(test)]").map(|(at, _)| at..end_of_item(&code, at)).collect();
        let lines = tests.iter().map(|range| line(&code, range.start)..line(&code, range.end) + 1).collect();
        let whole = is_test(path).then_some(0..code.len());
        let mut shipped = code.clone().into_bytes();
        for at in tests.into_iter().chain(whole).flatten() {
            if shipped[at] != b'\n' {
                shipped[at] = b' ';
            }
        }
        let shipped = String::from_utf8_lossy(&shipped).into_owned();
        Self { path: path.to_owned(), code, shipped, texts, tests: lines }
    }

    /// Whether the file is measured and not tested.
    pub fn is_bench(&self) -> bool {
        self.path.contains("/benches/") || self.path.ends_with("/bench.rs")
    }

    /// The text literals that are shipped, each with its line.
    pub fn shipped_texts(&self) -> impl Iterator<Item = (usize, &str)> {
        let shipped =
            |line: &usize| !is_test(&self.path) && !self.tests.iter().any(|lines| lines.contains(line));
        let texts = self.texts.iter().filter(move |(line, _)| shipped(line));
        texts.map(|(line, text)| (*line, text.as_str()))
    }

    /// Where a word stands by itself in a part of this file's code: `path:line` each time.
    pub fn places(&self, code: &str, word: &str) -> Vec<String> {
        whole(code, word).map(|at| format!("{}:{}", self.path, line(code, at))).collect()
    }
}

/// Whether a whole file is a test.
fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.contains("/benches/")
}

/// The line of a byte, counted from 1.
pub fn line(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Where a word stands in code and is no part of a longer one.
pub fn whole<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !part(code[..at].chars().next_back()) && !part(code[at + word.len()..].chars().next())
    })
}

/// The end of the block that opens at the first `{` from here, or of the statement without one.
pub fn end_of_item(code: &str, from: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The code with comments and literals blanked, and the text literals with their lines.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut texts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let end = at + comment(rest).or_else(|| character(rest)).unwrap_or(0);
        if end > at {
            hide(&mut code, &text[at..end]);
            at = end;
        } else if let Some((open, close)) = literal(rest, code.chars().next_back()) {
            let inner = &rest[open.len()..];
            let length = if close == "\"" && !open.ends_with('#') && !open.contains('r') {
                closing_quote(inner)
            } else {
                inner.find(&close).unwrap_or(inner.len())
            };
            texts.push((line(text, at), inner[..length].to_owned()));
            code.push_str(open);
            hide(&mut code, &inner[..length]);
            let end = (length + close.len()).min(inner.len());
            code.push_str(&inner[length..end]);
            at += open.len() + end;
        } else {
            let c = rest.chars().next().expect("there is more");
            code.push(c);
            at += c.len_utf8();
        }
    }
    (code, texts)
}

fn hide(code: &mut String, text: &str) {
    code.extend(text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
}

/// The length of the comment that begins here.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |end| end + 2))
}

/// The length of the character literal that begins here; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escaped) = inner.strip_prefix('\\') {
        let first = escaped.chars().next()?.len_utf8();
        return escaped[first..].find('\'').map(|end| 3 + first + end);
    }
    let c = inner.chars().next()?;
    inner[c.len_utf8()..].starts_with('\'').then(|| c.len_utf8() + 2)
}

/// How the text literal that begins here opens and closes.
fn literal(rest: &str, before: Option<char>) -> Option<(&str, String)> {
    if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let prefix = rest.bytes().take_while(|byte| matches!(byte, b'b' | b'c' | b'r')).count();
    let hashes = rest[prefix..].bytes().take_while(|&byte| byte == b'#').count();
    let quote = prefix + hashes;
    let raw = rest[..prefix].ends_with('r');
    let opens = rest[quote..].starts_with('"') && (raw || hashes == 0) && prefix <= 2;
    opens.then(|| (&rest[..=quote], format!("\"{}", "#".repeat(hashes))))
}

/// The place of the quote that closes a text literal with escapes.
fn closing_quote(inner: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    inner.len()
}

#[test]
fn comments_literals_and_tests_are_told_apart() {
    let text = "fn a<'x>() { let b = \"un\\\"safe // 1\"; } // unsafe\nconst R: &str = r#\"f64 \"#;\n\
                #[cfg(test)]\nmod tests { const C: char = '}'; fn t() { \"late\"; } }\nfn late() {}\n";
    let source = Source::new("services/x/src/a.rs", text);
    assert_eq!(source.code.len(), text.len());
    assert!(!source.code.contains("unsafe") && !source.code.contains("f64"), "{}", source.code);
    let texts: Vec<_> = source.shipped_texts().map(|(_, text)| text).collect();
    assert_eq!(texts, ["un\\\"safe // 1", "f64 "]);
    let shipped = &source.shipped;
    assert!(shipped.contains("fn late") && !shipped.contains("fn t()"), "{shipped}");
    assert_eq!(source.places(shipped, "late"), ["services/x/src/a.rs:5"]);
}
