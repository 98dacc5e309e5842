use canbao_types::{Decimal, Money, MoneyError};
use proptest::prelude::*;

use crate::read;

fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

fn any_money() -> impl Strategy<Value = Money> {
    (-Money::MAX.fen()..=Money::MAX.fen()).prop_map(fen)
}

#[test]
fn an_amount_reads_with_none_one_or_two_decimals_and_prints_two() {
    for (text, expected_fen) in
        [("400", 40_000), ("400.0", 40_000), ("400.00", 40_000), ("0.05", 5), ("-12.3", -1_230), ("-0", 0)]
    {
        assert_eq!(text.parse(), Ok(fen(expected_fen)), "{text}");
    }
    assert_eq!(fen(40_000).to_string(), "400.00");
    assert_eq!(fen(-5).to_string(), "-0.05");
    assert_eq!(format!("{:?}", fen(5)), "Money(0.05)");
}

#[test]
fn what_is_not_plain_decimal_text_is_no_amount() {
    for text in [
        "",
        "-",
        ".",
        ".5",
        "5.",
        "-.5",
        "+5",
        "--5",
        " 5",
        "5 ",
        "5e2",
        "1,000",
        "1.2.3",
        "1.-5",
        "４００",
        "五",
    ] {
        assert_eq!(text.parse::<Money>(), Err(MoneyError::NotDecimal), "{text:?}");
    }
}

#[test]
fn a_third_decimal_is_refused_even_when_it_is_zero() {
    assert_eq!("1.000".parse::<Money>(), Err(MoneyError::FractionOfFen));
    assert_eq!("0.001".parse::<Money>(), Err(MoneyError::FractionOfFen));
}

#[test]
fn the_bound_is_ten_trillion_yuan_on_both_sides() {
    assert_eq!("10000000000000".parse(), Ok(Money::MAX));
    assert_eq!("-10000000000000".parse(), Ok(Money::MAX.negated()));
    for text in ["10000000000000.01", "-10000000000000.01", "99999999999999999999999999999999"] {
        assert_eq!(text.parse::<Money>(), Err(MoneyError::OutOfBounds), "{text}");
    }
    for beyond in [i64::MAX, i64::MIN, Money::MAX.fen() + 1, -Money::MAX.fen() - 1] {
        assert_eq!(Money::from_fen(beyond), Err(MoneyError::OutOfBounds), "{beyond}");
    }
}

#[test]
fn adding_or_subtracting_beyond_the_bound_gives_nothing() {
    assert_eq!(Money::MAX.checked_add(fen(1)), None);
    assert_eq!(Money::MAX.negated().checked_sub(fen(1)), None);
    assert_eq!(Money::MAX.checked_sub(Money::MAX), Some(Money::ZERO));
}

#[test]
fn a_sum_beyond_the_bound_on_the_way_is_still_a_sum() {
    assert_eq!(Money::sum([Money::MAX, Money::MAX, Money::MAX.negated()]), Some(Money::MAX));
    assert_eq!(Money::sum([Money::MAX, fen(1)]), None);
    assert_eq!(Money::sum([]), Some(Money::ZERO));
}

#[test]
fn a_fraction_of_a_fen_is_refused_not_rounded() {
    assert_eq!(Money::from_yuan(read("0.005")), Err(MoneyError::FractionOfFen));
    assert_eq!(Money::from_yuan(read("0.0000000000000000000000000001")), Err(MoneyError::FractionOfFen));
    assert_eq!(Money::from_yuan(read("400.5000")), Ok(fen(40_050)));
    assert_eq!(Money::from_yuan(Decimal::MAX), Err(MoneyError::OutOfBounds));
    assert_eq!(Money::from_yuan(Decimal::MIN), Err(MoneyError::OutOfBounds));
}

#[test]
fn serde_carries_yuan_as_text_and_nothing_else() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Row {
        amount: Money,
    }
    assert_eq!(toml::to_string(&Row { amount: fen(40_000) }).unwrap(), "amount = \"400.00\"\n");
    assert_eq!(toml::from_str::<Row>("amount = \"370\"").unwrap().amount, fen(37_000));
    assert!(toml::from_str::<Row>("amount = 370").is_err());
    let refused = toml::from_str::<Row>("amount = \"about 5\"").err().unwrap().to_string();
    assert!(refused.contains("decimal text in yuan"), "{refused}");
}

proptest! {
    #[test]
    fn every_amount_comes_back_from_its_text_and_from_its_yuan(money in any_money()) {
        prop_assert_eq!(money.to_string().parse(), Ok(money));
        prop_assert_eq!(Money::from_yuan(money.to_yuan()), Ok(money));
    }

    #[test]
    fn what_was_added_can_be_taken_away(a in any_money(), b in any_money()) {
        if let Some(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.checked_sub(b), Some(a));
        }
        prop_assert_eq!(Money::sum([a, b]), a.checked_add(b));
        prop_assert_eq!(a.checked_sub(b), a.checked_add(b.negated()));
    }

    #[test]
    fn reading_any_text_never_panics_and_keeps_the_bound(text in "[-+]?[0-9０.e ]{0,25}") {
        if let Ok(money) = text.parse::<Money>() {
            prop_assert!(money <= Money::MAX && money >= Money::MAX.negated());
        }
    }
}
