//! The forms in which somebody's number, name or key could stand in what was told.

use canbao_tests::Person;
use canbao_types::{Document, DocumentKind, Name, SuiteKey};
use prost::bytes::Bytes;

/// Where something is told or kept, with what stands there, as [`text`] has it.
pub type Told = Vec<(String, String)>;

/// Bytes as text in which each is one character, so that bytes of any kind are found in it.
pub fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The places where a form stands.
pub fn found(told: &Told, forms: &[(String, String)]) -> Vec<String> {
    let mut places = Vec::new();
    for (place, said) in told {
        let standing = forms.iter().filter(|(_, form)| said.contains(form.as_str()));
        places.extend(standing.map(|(what, _)| format!("the {what} stands in {place}")));
    }
    places
}

/// Every form of the numbers and names of these people, each with what it is.
pub fn forms(people: &[Person]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for person in people {
        let number = person.number.as_str();
        // The birth date with its neighbours is enough to know somebody by.
        let parts = [("number", number), ("first 17", &number[..17]), ("birth date", &number[5..17])];
        for (what, part) in parts.into_iter().chain([("name", person.name.as_str())]) {
            all.extend(encodings(what, part.as_bytes()));
        }
        let escaped = person.name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        all.push(("name in JSON's escapes".to_owned(), escaped));
    }
    all
}

/// Every form of the keys by which the departments of one suite know these people.
pub fn keys(people: &[Person], suite: &SuiteKey) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for person in people {
        let document = Document::parse(DocumentKind::IdentityNumber, &person.number).unwrap();
        let name = Name::parse(&person.name).unwrap();
        let (person, name) = (suite.person_key(&document), suite.name_key(&document, &name));
        all.extend(encodings("person key", person.as_bytes()));
        all.extend(encodings("name key", name.as_bytes()));
        // A key prints itself shortened, and is not told in this way either.
        all.push(("person key as it prints itself".to_owned(), format!("{person:?}")));
        all.push(("name key as it prints itself".to_owned(), format!("{name:?}")));
    }
    all
}

fn encodings(what: &str, bytes: &[u8]) -> Vec<(String, String)> {
    let listed = bytes.iter().map(u8::to_string).collect::<Vec<_>>();
    let string = format!("{:?}", Bytes::copy_from_slice(bytes));
    let [whole, after_one, after_two] = base64(bytes);
    let forms = [
        ("as it is", text(bytes)),
        ("in hexadecimal digits", hex(bytes)),
        ("in capitals of them", hex(bytes).to_uppercase()),
        ("as a list of bytes", listed.join(", ")),
        ("as a list without spaces", listed.join(",")),
        ("as a string of bytes", string.trim_start_matches("b\"").trim_end_matches('"').to_owned()),
        ("in base64", whole),
        ("in base64 after one byte", after_one),
        ("in base64 after two bytes", after_two),
    ];
    forms.map(|(how, form)| (format!("{what} {how}"), form)).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes in base64 wherever they begin in what was encoded: without the characters that their neighbours change.
fn base64(bytes: &[u8]) -> [String; 3] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [0, 1, 2].map(|before| {
        let bits: Vec<u8> = std::iter::repeat_n(&0, before).chain(bytes).copied().collect();
        let sixes = bits.chunks_exact(3).flat_map(|three| {
            let number = three.iter().fold(0_usize, |number, &byte| number << 8 | usize::from(byte));
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[number >> shift & 63]))
        });
        sixes.skip(if before == 0 { 0 } else { 4 }).collect()
    })
}

#[test]
fn a_canary_is_found_in_every_form() {
    let people = super::canaries();
    let forms = forms(&people);
    let person = &people[0];
    let told = |said: &str| !found(&vec![("here".to_owned(), text(said.as_bytes()))], &forms).is_empty();
    assert!(!told("nothing of anybody"));
    assert!(told(&format!("a {} b", person.number)) && told(&person.number[5..17]));
    assert!(told(&format!("a {} b", person.name)) && told(&format!("{:?}", person.name)));
    assert!(told(&hex(person.name.as_bytes())) && told(&format!("{:?}", person.name.as_bytes())));
    assert!(told(r#""\u91d1\u4e1d\u96c0\u4e00\u4e8c\u4e09""#));
    assert_eq!(person.number, "141199196606066669");
    assert!(told("YmVmb3JlIDE0MTE5OTE5NjYwNjA2NjY2OSBhZnRlcg=="), "before and after it in base64");
}

#[test]
fn a_key_is_found_in_every_form() {
    let people = super::canaries();
    let suite = SuiteKey::new([7; 32]);
    let forms = keys(&people[..1], &suite);
    let told = |said: &[u8]| !found(&vec![("here".to_owned(), text(said))], &forms).is_empty();
    let document = Document::parse(DocumentKind::IdentityNumber, &people[0].number).unwrap();
    let person = suite.person_key(&document);
    let name = suite.name_key(&document, &Name::parse(&people[0].name).unwrap());
    for key in [person.as_bytes(), name.as_bytes()] {
        assert!(told(&[b"\xff\x00", key.as_slice(), b"\x80"].concat()), "among bytes that are no text");
        assert!(told(format!("{key:?}").as_bytes()) && told(hex(key).as_bytes()));
        assert!(told(format!("\\x{}", hex(key).to_uppercase()).as_bytes()));
        assert!(told(format!("{:?}", Bytes::copy_from_slice(key)).as_bytes()));
    }
    assert!(told(format!("paid by {person:?}").as_bytes()) && !told(b"paid by PersonKey(00000000)"));
    assert!(!told(format!("{:?}", SuiteKey::new([8; 32]).person_key(&document)).as_bytes()));
}
