//! The decision: what is given back (退费), and the ledger's side of it.

use canbao_policy::{Facts, Notice, RefundCause, Stated};
use canbao_types::{Citation, Citations, CoverYear, Date, Division, Money, PaymentId, RefundId, ResidentId};

use crate::{contribution::Settled, payment, refusal::Refusal};

/// The account through which refunds are paid out.
pub(crate) const TREASURY: &str = "treasury";

/// Why money is given back; its number is the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// 资助退还: an identity was recognised after the person had paid.
    Aid = 1,
    /// 离校: a student left school.
    LeftSchool = 2,
    /// 待查款退回: money in suspense that settles nothing.
    Suspense = 3,
}

impl Ground {
    pub(crate) const ALL: [Self; 3] = [Self::Aid, Self::LeftSchool, Self::Suspense];

    /// The account in which it waits to be paid out.
    pub(crate) fn account(self) -> &'static str {
        match self {
            Self::Aid => "refund/aid",
            Self::LeftSchool => "refund/left-school",
            Self::Suspense => "refund/suspense",
        }
    }
}

/// Money to be given back, and whether it has been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) id: RefundId,
    pub(crate) division: Division,
    pub(crate) cover_year: CoverYear,
    /// None when nobody knows whose money it is.
    pub(crate) resident: Option<ResidentId>,
    pub(crate) ground: Ground,
    pub(crate) amount: Money,
    pub(crate) determined_on: Date,
    pub(crate) paid_on: Option<Date>,
    /// The payment whose money it is; none: that of the contribution.
    pub(crate) payment: Option<PaymentId>,
    /// The coverage years given up by it, in order.
    pub(crate) years: Vec<CoverYear>,
    /// The clauses, in their wire form.
    pub(crate) citations: Vec<u8>,
}

/// A coverage year that a student's payment has bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bought {
    pub(crate) year: CoverYear,
    /// What the student paid for it, net of what was given back before.
    pub(crate) price: Money,
    /// How it is settled; none of a year that is paid in advance and not settled yet.
    pub(crate) settled: Option<Settled>,
}

/// What a student who left school gives up and is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenUp {
    pub(crate) amount: Money,
    pub(crate) years: Vec<Bought>,
    pub(crate) citations: Vec<Citation>,
}

/// Decides what a student who left school is given back. The notice is asked of each year by itself: a payment may have
/// bought its years at different prices, once aid was given back of one of them.
pub(crate) fn left_school(facts: &Facts, bought: Vec<Bought>, notice: &Notice) -> Result<GivenUp, Refusal> {
    let (mut citations, mut years) = (Citations::default(), Vec::new());
    let mut undecided = false;
    for bought in bought {
        let (years_paid, price_paid) = (Some(vec![bought.year]), Some(bought.price));
        let facts = Facts { years_paid, price_paid, ..facts.clone() };
        let ruling = notice.refund_for(RefundCause::LeftSchool, &facts);
        if let Some(refusal) = ruling.refusal {
            return Err(Refusal::ByRule(Box::new(refusal)));
        }
        citations.extend(ruling.basis.iter().flat_map(|basis| basis.iter().cloned()));
        match ruling.amount {
            Some(Stated::Is(amount)) if amount.is_zero() => {}
            Some(Stated::Is(amount)) if amount == bought.price => years.push(bought),
            // A year is given up whole or not at all; a notice that wants a part of it back leaves that to a person.
            _ => undecided = true,
        }
    }
    let citations = citations.into_vec();
    match Money::sum(years.iter().map(|year| year.price)) {
        Some(amount) if !undecided && amount.is_zero() => Err(Refusal::NothingToRefund(citations)),
        Some(amount) if !undecided => Ok(GivenUp { amount, years, citations }),
        _ => Err(Refusal::PersonMustDecide(citations)),
    }
}

/// How much of the aid told is given back: never more than was paid, and nothing when the contribution was settled with
/// that aid already.
pub(crate) fn aid(settled: &Settled, told: Money, determination: u64) -> Option<Money> {
    let back = told.min(settled.paid);
    (settled.determination < determination && back > Money::ZERO).then_some(back)
}

/// Postings that move an amount from one account to another.
pub(crate) fn moved(from: impl Into<String>, to: impl Into<String>, amount: Money) -> Vec<(String, Money)> {
    vec![(from.into(), amount), (to.into(), amount.negated())]
}

/// The ledger's side of years given up, by the year in whose books it stands. A year paid in advance is given back
/// from where the payment put it, in the books of the payment's own year, `home`; when it was settled since, its own
/// books put it back there first. Each list adds up to zero.
pub(crate) fn postings(given_up: &GivenUp, home: CoverYear) -> Vec<(CoverYear, Vec<(String, Money)>)> {
    let (mut at_home, mut elsewhere) = (Vec::new(), Vec::new());
    for Bought { year, price, settled } in &given_up.years {
        let mut undone = settled.as_ref().map(undone).unwrap_or_default();
        if *year == home {
            at_home.extend(undone);
            continue;
        }
        at_home.push((payment::prepaid(*year), *price));
        if !undone.is_empty() {
            undone.push((payment::prepaid(*year), price.negated()));
            elsewhere.push((*year, undone));
        }
    }
    at_home.push((Ground::LeftSchool.account().to_owned(), given_up.amount.negated()));
    elsewhere.insert(0, (home, at_home));
    elsewhere
}

/// What a contribution that is not settled any more takes back from its parts, and gives back to the payers of aid. What
/// remains is what was paid.
fn undone(settled: &Settled) -> Vec<(String, Money)> {
    let mut undone = payment::of_parts(settled);
    undone.push((payment::AID.to_owned(), settled.aided.negated()));
    undone.retain(|(_, amount)| !amount.is_zero());
    undone
}

#[cfg(test)]
mod tests {
    use canbao_policy::{Notices, Student};

    use super::*;
    use crate::contribution::{Chosen, How};

    fn year(year: u16) -> CoverYear {
        CoverYear::new(year).unwrap()
    }

    fn yuan(text: &str) -> Money {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn notice() -> Notice {
        let notices = Notices::builtin().unwrap();
        notices.find("141181".parse().unwrap(), year(2026)).unwrap().clone()
    }

    /// A student's facts who left on a day.
    fn left(on: &str) -> Facts {
        Facts {
            cover_year: Some(year(2026)),
            birth: Some(day("2006-05-01")),
            student: Some(Student::College),
            left: Some(day(on)),
            ..Facts::default()
        }
    }

    /// Settled at 400 yuan, of which so much is aided.
    fn settled(aided: &str) -> Settled {
        Settled {
            how: How::Payment,
            payment: None,
            standard: yuan("400"),
            paid: yuan("400").checked_sub(yuan(aided)).unwrap(),
            aided: yuan(aided),
            government: Money::ZERO,
            repair: Money::ZERO,
            arrears: Money::ZERO,
            along: Money::ZERO,
            chosen: Chosen::default(),
            settled_on: day("2025-11-12"),
            arrived_on: day("2025-11-12"),
            determination: 1,
        }
    }

    /// Four years at 400 yuan: the first settled, the others paid in advance.
    fn four_years() -> Vec<Bought> {
        let bought = |later| Bought { year: year(later), price: yuan("400"), settled: None };
        let mut years: Vec<_> = (2026..2030).map(bought).collect();
        years[0].settled = Some(settled("0"));
        years
    }

    fn years(given_up: &GivenUp) -> Vec<u16> {
        given_up.years.iter().map(|bought| bought.year.get()).collect()
    }

    #[test]
    fn a_student_who_leaves_before_the_first_year_gives_up_all_four() {
        let given_up = left_school(&left("2025-12-20"), four_years(), &notice()).unwrap();
        assert_eq!((given_up.amount, years(&given_up)), (yuan("1600"), vec![2026, 2027, 2028, 2029]));
        assert!(given_up.citations.iter().any(|citation| citation.clause.as_str() == "XY26-36"));
    }

    #[test]
    fn the_year_of_leaving_is_not_given_back_from_its_first_day_on() {
        let given_up = left_school(&left("2026-01-01"), four_years(), &notice()).unwrap();
        assert_eq!((given_up.amount, years(&given_up)), (yuan("1200"), vec![2027, 2028, 2029]));
        let given_up = left_school(&left("2026-12-31"), four_years(), &notice()).unwrap();
        assert_eq!(years(&given_up), [2027, 2028, 2029]);
        let given_up = left_school(&left("2027-01-01"), four_years(), &notice()).unwrap();
        assert_eq!(years(&given_up), [2028, 2029]);
    }

    #[test]
    fn a_student_whose_years_have_all_begun_is_given_nothing_and_told_the_clause() {
        let refused = left_school(&left("2029-03-01"), four_years(), &notice());
        let Err(Refusal::NothingToRefund(citations)) = refused else { panic!("{refused:?}") };
        assert!(citations.iter().any(|citation| citation.clause.as_str() == "XY26-36"), "{citations:?}");
    }

    #[test]
    fn whoever_is_no_student_of_a_college_is_for_a_person_to_decide() {
        let pupil = Facts { student: Some(Student::School), ..left("2025-12-20") };
        let refused = left_school(&pupil, four_years(), &notice());
        assert!(matches!(refused, Err(Refusal::PersonMustDecide(_))), "{refused:?}");
        let unknown = Facts { student: None, ..left("2025-12-20") };
        let refused = left_school(&unknown, four_years(), &notice());
        let Err(Refusal::ByRule(refusal)) = refused else { panic!("{refused:?}") };
        let told = refusal.refused();
        assert_eq!(
            (told.reason, told.message.as_str()),
            ("NEEDS_FACT", "缺少信息：就读学校的类别（或没有上学）。请补充后再办理。")
        );
    }

    #[test]
    fn each_year_is_given_back_at_the_price_that_was_paid_for_it() {
        let mut bought = four_years();
        bought[1].price = yuan("80");
        let given_up = left_school(&left("2026-06-30"), bought, &notice()).unwrap();
        assert_eq!(given_up.amount, yuan("880"));
    }

    #[test]
    fn the_postings_of_years_given_up_add_up_to_zero_in_the_books_of_every_year() {
        let mut bought = four_years();
        // The second year was settled since, and aid given back of it.
        bought[1] = Bought { year: year(2027), price: yuan("80"), settled: Some(settled("320")) };
        let given_up = left_school(&left("2025-12-20"), bought, &notice()).unwrap();
        let books = postings(&given_up, year(2026));
        for (year, postings) in &books {
            assert_eq!(
                Money::sum(postings.iter().map(|(_, fen)| *fen)),
                Some(Money::ZERO),
                "{year}: {postings:?}"
            );
        }
        let shown = |at: usize| -> Vec<String> {
            books[at].1.iter().map(|(account, fen)| format!("{account} {fen}")).collect()
        };
        let home = [
            "contribution/personal 400.00",
            "prepaid/2027 80.00",
            "prepaid/2028 400.00",
            "prepaid/2029 400.00",
            "refund/left-school -1280.00",
        ];
        assert_eq!(shown(0), home);
        assert_eq!((books.len(), books[1].0), (2, year(2027)));
        assert_eq!(shown(1), ["contribution/personal 400.00", "aid -320.00", "prepaid/2027 -80.00"]);
    }

    #[test]
    fn aid_is_given_back_once_and_never_more_than_was_paid() {
        let settled = settled("0");
        assert_eq!(aid(&settled, yuan("320"), 2), Some(yuan("320")));
        assert_eq!(aid(&settled, yuan("320"), 1), None, "it was settled with that aid");
        let poor = Settled { paid: yuan("80"), ..settled };
        assert_eq!(aid(&poor, yuan("320"), 2), Some(yuan("80")));
        assert_eq!(aid(&Settled { paid: Money::ZERO, ..poor }, yuan("320"), 2), None);
    }
}
