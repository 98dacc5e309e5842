use canbao_types::{Document, IdentityNumber, Name, NameKey, PersonKey, SuiteKey, check_character};
use proptest::prelude::*;

fn identity(text: &str) -> Document {
    Document::identity(IdentityNumber::parse(text).unwrap())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Computed apart, with another implementation of HMAC-SHA-256: a change here would orphan every stored key.
#[test]
fn keys_are_the_first_half_of_an_hmac_over_the_fields_each_closed_by_a_zero_byte() {
    let suite = SuiteKey::new([7; 32]);
    let document = identity("11010519491231002X");
    assert_eq!(hex(suite.person_key(&document).as_bytes()), "33a87370a7951816be2d1573830a7f09");
    let name = Name::parse("王明").unwrap();
    assert_eq!(hex(suite.name_key(&document, &name).as_bytes()), "fcd98e179825746c61038fe4af168e04");
}

#[test]
fn a_key_comes_back_from_its_bytes_and_prints_only_its_beginning() {
    let bytes = *b"0123456789abcdef";
    assert_eq!(PersonKey::from_bytes(bytes).as_bytes(), &bytes);
    assert_eq!(NameKey::from_bytes(bytes).as_bytes(), &bytes);
    assert_eq!(PersonKey::from_bytes(bytes).to_string(), "30313233");
    assert_eq!(format!("{:?}", NameKey::from_bytes(bytes)), "NameKey(30313233)");
}

#[test]
fn the_suite_key_prints_nothing_of_itself() {
    assert_eq!(format!("{:?}", SuiteKey::new([7; 32])), "SuiteKey");
}

#[test]
fn the_kind_of_document_is_part_of_the_key() {
    let suite = SuiteKey::new([7; 32]);
    let number = identity("11010519491231002X");
    let certificate = Document::birth_certificate("11010519491231002X").unwrap();
    assert_ne!(suite.person_key(&number), suite.person_key(&certificate));
}

proptest! {
    #[test]
    fn another_secret_number_or_name_gives_another_key(
        secret in any::<[u8; 32]>(), byte in 0..32_usize, bit in 0..8_u32, a in 0..1000_u32, b in 0..1000_u32
    ) {
        let [one, other] = [a, b].map(|sequence| {
            let body = format!("14119920000101{sequence:03}");
            identity(&format!("{body}{}", check_character(&body).unwrap()))
        });
        let suite = SuiteKey::new(secret);
        prop_assert_eq!(suite.person_key(&one) == suite.person_key(&other), a == b);

        let mut changed = secret;
        changed[byte] ^= 1 << bit;
        prop_assert_ne!(SuiteKey::new(changed).person_key(&one), suite.person_key(&one));

        let [name, longer] = ["王明", "王明明"].map(|name| Name::parse(name).unwrap());
        prop_assert_ne!(suite.name_key(&one, &name), suite.name_key(&one, &longer));
        prop_assert_eq!(suite.name_key(&one, &name) == suite.name_key(&other, &name), a == b);
        prop_assert_ne!(*suite.name_key(&one, &name).as_bytes(), *suite.person_key(&one).as_bytes());
    }
}
