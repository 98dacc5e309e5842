use canbao_types::{AmountPart, Bearer, Citation, Citations, ClauseId, ClauseIdError, Money, Part, total};

use crate::read;

fn part(part: Part, amount: &str, bearer: Bearer) -> AmountPart {
    AmountPart { part, name: None, amount: read(amount), bearer, clauses: vec![read("XY26-03")] }
}

fn citing(clause: &str, open: &[&str]) -> Citation {
    Citation { clause: read(clause), open: open.iter().map(ToString::to_string).collect() }
}

#[test]
fn the_total_counts_every_part_whoever_bears_it() {
    let parts = [
        part(Part::Personal, "400", Bearer::Person),
        part(Part::Repair, "800", Bearer::Person),
        part(Part::Government, "700", Bearer::Payer("财政".to_owned())),
    ];
    assert_eq!(total(&parts), Some(read("1900")));
    assert_eq!(total(&[]), Some(Money::ZERO));
    let greatest = part(Part::Personal, "10000000000000", Bearer::Person);
    assert_eq!(total(&[greatest.clone(), greatest]), None);
}

#[test]
fn an_amount_part_is_written_in_words_and_comes_back() {
    for bearer in [Bearer::Person, Bearer::Payer("医疗救助资金".to_owned())] {
        let written = part(Part::Personal, "320", bearer);
        let text = toml::to_string(&written).unwrap();
        assert!(text.contains("part = \"personal\"") && text.contains("clauses = [\"XY26-03\"]"), "{text}");
        assert_eq!(toml::from_str::<AmountPart>(&text).unwrap(), written);
    }
}

#[test]
fn a_word_outside_its_closed_list_is_refused_by_name() {
    let error = "insurer".parse::<Part>().unwrap_err();
    assert_eq!(error.to_string(), "\"insurer\" is not a known Part");
}

#[test]
fn a_clause_knows_its_document() {
    let clause: ClauseId = read("XY26-03");
    assert_eq!(clause.document(), "XY26");
    assert_eq!(clause.as_str(), "XY26-03");
    for text in
        ["", "XY26", "-03", "XY26-", "XY26-3a", "XY26-00003", "xy26-03", "26XY-03", "XY26XY26X-1", "XY26-0-3"]
    {
        assert_eq!(text.parse::<ClauseId>(), Err(ClauseIdError), "{text:?}");
    }
}

#[test]
fn a_clause_cited_twice_stands_once_with_the_open_points_of_both() {
    let cited: Citations =
        [citing("XY26-41", &["A-01"]), citing("XY26-03", &[]), citing("XY26-41", &["A-04", "A-01"])]
            .into_iter()
            .collect();
    assert_eq!(cited.as_slice(), [citing("XY26-41", &["A-01", "A-04"]), citing("XY26-03", &[])]);
}

#[test]
fn a_citation_without_open_points_is_only_its_clause() {
    let citation = Citation::from(read::<ClauseId>("XY26-03"));
    assert_eq!(toml::to_string(&citation).unwrap(), "clause = \"XY26-03\"\n");
    assert_eq!(toml::from_str::<Citation>("clause = \"XY26-03\"").unwrap(), citation);
}
