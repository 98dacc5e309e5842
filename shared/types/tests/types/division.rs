use canbao_types::{Division, DivisionError};
use proptest::prelude::*;

use crate::read;

#[test]
fn a_province_contains_its_cities_and_counties_and_not_the_other_way_round() {
    let [province, city, county]: [Division; 3] = ["370000", "370600", "370685"].map(read);
    assert!(province.contains(city) && province.contains(county) && city.contains(county));
    assert!(!city.contains(province) && !county.contains(city) && !county.contains(province));
    assert!(province.contains(province) && city.contains(city) && county.contains(county));
}

#[test]
fn neighbours_do_not_contain_one_another() {
    let [yantai, weihai, yingkou]: [Division; 3] = ["370600", "371000", "210800"].map(read);
    assert!(!yantai.contains(weihai) && !weihai.contains(yantai) && !yantai.contains(yingkou));
    assert!(!weihai.contains(read("371100")));
}

#[test]
fn a_division_is_exactly_six_digits_that_begin_a_region() {
    for text in ["", "37068", "3706850", "0370685", "37068x", "+37068", "070685", "３７０６", " 37068"] {
        assert_eq!(text.parse::<Division>(), Err(DivisionError), "{text:?}");
    }
    assert_eq!(Division::from_code(99_999), None);
    assert_eq!(Division::from_code(1_000_000), None);
}

#[test]
fn serde_carries_the_six_digits_as_text() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Row {
        division: Division,
    }
    let row: Row = toml::from_str("division = \"141181\"").unwrap();
    assert_eq!(row.division.code(), 141_181);
    assert_eq!(toml::to_string(&row).unwrap(), "division = \"141181\"\n");
}

proptest! {
    #[test]
    fn containment_is_the_prefix_without_trailing_double_zeros(
        a in 10..100_u32, b in 0..3_u32, c in 0..3_u32, d in 10..100_u32, e in 0..3_u32, f in 0..3_u32
    ) {
        let [outer, inner] = [[a, b, c], [d, e, f]]
            .map(|[province, city, county]| Division::from_code(province * 10_000 + city * 100 + county).unwrap());
        let text = outer.to_string();
        let prefix = text.strip_suffix("0000").or(text.strip_suffix("00")).unwrap_or(&text);
        prop_assert_eq!(outer.contains(inner), inner.to_string().starts_with(prefix));
        prop_assert_eq!(text.parse(), Ok(outer));
    }

    #[test]
    fn a_county_lies_in_its_city_and_province_only(code in 100_000..1_000_000_u32, other in 10..100_u32) {
        let county = Division::from_code(code).unwrap();
        prop_assert!(Division::from_code(code / 100 * 100).unwrap().contains(county));
        prop_assert!(Division::from_code(code / 10_000 * 10_000).unwrap().contains(county));
        prop_assert_eq!(Division::from_code(other * 10_000).unwrap().contains(county), other == code / 10_000);
    }
}
