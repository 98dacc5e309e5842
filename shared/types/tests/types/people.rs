use canbao_types::{
    Document, DocumentError, DocumentKind, IdentityNumber, IdentityNumberError, Name, NameError, Sex,
    check_character,
};
use proptest::prelude::*;

use crate::{any_date, date, read};

/// Completes 17 digits to a number whose check character fits.
fn with_check(body: &str) -> String {
    format!("{body}{}", check_character(body).unwrap())
}

/// Numbers of nobody: their division code is not assigned.
fn any_number() -> impl Strategy<Value = String> {
    (any_date(), 0..1000_u32)
        .prop_map(|(birth, sequence)| with_check(&format!("141199{}{sequence:03}", birth.format("%Y%m%d"))))
}

#[test]
fn the_samples_of_the_standard_and_of_the_permits_pass() {
    for (text, division, birth, sex) in [
        ("11010519491231002X", "110105", "1949-12-31", Sex::Female),
        ("440524188001010014", "440524", "1880-01-01", Sex::Male),
        ("810000199408230021", "810000", "1994-08-23", Sex::Female),
        ("830000199201300022", "830000", "1992-01-30", Sex::Female),
    ] {
        let number = IdentityNumber::parse(text).unwrap();
        assert_eq!(number.expose(), text);
        assert_eq!(number.division(), Some(read(division)));
        assert_eq!(number.birth(), date(birth));
        assert_eq!(number.sex(), sex);
        assert!(!number.is_foreign_permanent_resident());
    }
}

#[test]
fn the_card_of_a_foreign_permanent_resident_has_no_division() {
    let number = IdentityNumber::parse(&with_check("91115619950301001")).unwrap();
    assert!(number.is_foreign_permanent_resident());
    assert_eq!(number.division(), None);
    assert_eq!(number.birth(), date("1995-03-01"));
}

#[test]
fn a_small_x_is_taken_for_a_capital() {
    let small = IdentityNumber::parse("11010519491231002x").unwrap();
    assert_eq!(small.expose(), "11010519491231002X");
    assert_eq!(small, IdentityNumber::parse("11010519491231002X").unwrap());
}

#[test]
fn each_way_of_being_wrong_has_its_own_error() {
    use IdentityNumberError::{Birth, Character, Check, FifteenDigits, Length, Region};
    for (text, expected) in [
        ("110105491231002", FifteenDigits),
        ("", Length),
        ("1101051949123100", Length),
        ("11010519491231002XX", Length),
        ("1101051949123100XX", Character),
        ("11010519491231002Y", Character),
        ("１1010519491231002X", Character),
        ("11010519491231002Ⅹ", Character),
        ("王王王王王王王王王王王王王王王王王王", Character),
        (&with_check("84000019940823002"), Region),
        (&with_check("01010519491231002"), Region),
        (&with_check("14119920230229001"), Birth),
        (&with_check("14119920231301001"), Birth),
        ("110105194912310021", Check),
    ] {
        assert_eq!(IdentityNumber::parse(text), Err(expected), "{text:?}");
    }
}

#[test]
fn check_characters_are_only_for_seventeen_digits() {
    assert_eq!(check_character("11010519491231002"), Some('X'));
    assert_eq!(check_character("1101051949123100"), None);
    assert_eq!(check_character("110105194912310021"), None);
    assert_eq!(check_character("1101051949123100X"), None);
}

#[test]
fn a_birth_certificate_is_five_to_twenty_letters_and_digits() {
    let certificate = Document::birth_certificate("x141199001").unwrap();
    assert_eq!(certificate.kind(), DocumentKind::BirthCertificate);
    assert_eq!(certificate.expose(), "X141199001");
    assert_eq!(certificate.identity_number(), None);
    assert_eq!(certificate, Document::parse(DocumentKind::BirthCertificate, "X141199001").unwrap());
    for text in ["", "X123", "X12345678901234567890", "X-41199001", "Ｘ141199001", "X 141199001"] {
        assert_eq!(Document::birth_certificate(text), Err(DocumentError::BirthCertificate), "{text:?}");
    }
}

#[test]
fn a_document_with_an_identity_number_gives_it_back() {
    let document = Document::parse(DocumentKind::IdentityNumber, "11010519491231002x").unwrap();
    assert_eq!(document.kind(), DocumentKind::IdentityNumber);
    assert_eq!(document.identity_number().map(IdentityNumber::expose), Some("11010519491231002X"));
    assert_eq!(
        Document::parse(DocumentKind::IdentityNumber, "X141199001"),
        Err(DocumentError::IdentityNumber(IdentityNumberError::Length))
    );
}

#[test]
fn what_identifies_a_person_prints_masked() {
    let number = IdentityNumber::parse("11010519491231002X").unwrap();
    assert_eq!(number.to_string(), "1101**********002X");
    assert_eq!(format!("{number:?}"), "IdentityNumber(1101**********002X)");
    assert_eq!(format!("{:?}", Document::identity(number)), "Document(identity-number 1101**********002X)");
    assert_eq!(Document::birth_certificate("X141199001").unwrap().masked(), "******9001");
    assert_eq!(Document::birth_certificate("X1411").unwrap().masked(), "*****");
    assert_eq!(format!("{:?}", Name::parse("王小明").unwrap()), "Name(王*)");
}

#[test]
fn a_name_is_trimmed_and_has_one_to_fifty_characters() {
    assert_eq!(Name::parse("\u{3000}王小明 ").unwrap().expose(), "王小明");
    assert_eq!(Name::parse("阿依古丽·买买提").unwrap().expose(), "阿依古丽·买买提");
    assert!(Name::parse(&"王".repeat(50)).is_ok());
    for text in
        [String::new(), " \u{3000}".to_owned(), "王".repeat(51), "王\u{0}明".to_owned(), "王\n明".to_owned()]
    {
        assert_eq!(Name::parse(&text), Err(NameError), "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_number_states_its_birth_and_sex(birth in any_date(), sequence in 0..1000_u32) {
        let text = with_check(&format!("141199{}{sequence:03}", birth.format("%Y%m%d")));
        let number = IdentityNumber::parse(&text).unwrap();
        prop_assert_eq!(number.birth(), birth);
        prop_assert_eq!(number.sex(), if sequence % 2 == 1 { Sex::Male } else { Sex::Female });
        prop_assert_eq!(number.division(), Some(read("141199")));
    }

    #[test]
    fn every_change_of_one_character_is_caught(text in any_number(), place in 0..18_usize, with in "[0-9X]") {
        let mut changed = text.clone();
        changed.replace_range(place..=place, &with);
        prop_assert_eq!(IdentityNumber::parse(&changed).is_ok(), changed == text);
    }

    #[test]
    fn two_neighbouring_characters_swapped_are_caught(text in any_number(), place in 0..16_usize) {
        let mut swapped = text.clone().into_bytes();
        swapped.swap(place, place + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        prop_assert_eq!(IdentityNumber::parse(&swapped).is_ok(), swapped == text);
    }

    #[test]
    fn neither_masks_nor_errors_tell_more_than_eight_characters(text in any_number()) {
        let birth_and_sequence = &text[6..17];
        let number = IdentityNumber::parse(&text).unwrap();
        let wrong = IdentityNumber::parse(&text[..17]).unwrap_err();
        for shown in [format!("{number} {number:?}"), format!("{wrong} {wrong:?}")] {
            prop_assert!(!shown.contains(birth_and_sequence) && !shown.contains(&text[6..14]));
        }
    }

    #[test]
    fn reading_any_text_as_a_number_never_panics(text in "\\PC{0,20}") {
        if let Ok(number) = IdentityNumber::parse(&text) {
            prop_assert_eq!(number.expose().len(), 18);
        }
    }
}

#[test]
fn a_birth_before_1800_or_after_2200_is_no_identity_number_because_no_date_on_the_wire_could_carry_it() {
    for (birth, is_read) in [("17991231", false), ("18000101", true), ("22001231", true), ("22010101", false)]
    {
        let digits = format!("141199{birth}001");
        let number = format!("{digits}{}", canbao_types::check_character(&digits).unwrap());
        assert_eq!(canbao_types::IdentityNumber::parse(&number).is_ok(), is_read, "{birth}");
    }
}
