//! Whatever happens in whatever order, the books add up.

use std::{collections::BTreeMap, path::Path};

use canbao_proto::subsidy::AidRefundDetermined;
use canbao_tests::{count, texts};

use super::*;

/// Residents, and what is done to them, in each story.
const RESIDENTS: u64 = 10;
const DEEDS: u64 = 120;

/// So many stories are told.
const STORIES: u64 = 12;

/// A row of numbers that look like chance and are the same for the same seed.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.roll(items.len() as u64) as usize]
    }
}

/// What has come of one story so far.
struct Story {
    bureau: Bureau,
    dice: Dice,
    /// Everybody, registered yet or not; two of three are students of a college.
    people: Vec<(ResidentId, StudentKind)>,
    /// Those who have paid for several years, or can be declared.
    favourites: Vec<(ResidentId, StudentKind)>,
    determinations: BTreeMap<ResidentId, u64>,
    suspended: Vec<String>,
    refunds: Vec<String>,
    /// How often each deed had an effect.
    done: BTreeMap<&'static str, u32>,
}

impl Story {
    async fn start(seed: u64) -> Self {
        let kind = |n: u64| if n.is_multiple_of(3) { StudentKind::None } else { StudentKind::College };
        let mut bureau = Bureau::with_own_wish().await;
        let people: Vec<_> = (0..RESIDENTS).map(|n| (ResidentId::new(), kind(n))).collect();
        // The others register in the course of the story, when money may have come for them already.
        for &(resident, student) in people.iter().skip(2) {
            bureau.registration_tells(&registered(resident, student, ""));
        }
        Self {
            bureau,
            dice: Dice(seed),
            people,
            favourites: Vec::new(),
            determinations: BTreeMap::new(),
            suspended: Vec::new(),
            refunds: Vec::new(),
            done: BTreeMap::new(),
        }
    }

    fn did(&mut self, deed: &'static str) {
        *self.done.entry(deed).or_default() += 1;
    }

    async fn anything(&mut self) {
        // Half of the deeds fall on those of whom there is the most to go wrong.
        let favourites = !self.favourites.is_empty() && self.dice.roll(2) == 0;
        let whom = if favourites { &self.favourites } else { &self.people };
        let (resident, student) = self.dice.one_of(whom);
        match self.dice.roll(15) {
            0 | 1 => {
                let cover_year = self.dice.one_of(&[YEAR, YEAR + 1]);
                let told = registered(resident, student, "");
                self.bureau.registration_tells(&ResidentRegistered { cover_year, ..told });
            }
            2 => self.told_of_aid(resident, student),
            3..=5 => self.paid(resident, student).await,
            6 => self.reported(resident).await,
            7 => self.declared(resident).await,
            8..=10 => self.helped_after_paying(resident),
            11 | 12 => self.left(resident).await,
            13 => self.asked_back(resident).await,
            _ => self.gave_back().await,
        }
    }

    fn next_determination(&mut self, resident: ResidentId) -> u64 {
        let number = self.determinations.entry(resident).or_default();
        *number += 1;
        *number
    }

    fn told_of_aid(&mut self, resident: ResidentId, student: StudentKind) {
        let number = self.next_determination(resident);
        let amounts = self.dice.one_of(&[
            ("0.00", "400.00"),
            ("320.00", "80.00"),
            ("400.00", "0.00"),
            ("400.00", "0.00"),
        ]);
        let mut told = owed(resident, amounts, number);
        if amounts.1 == "0.00" && self.dice.roll(2) == 0 {
            told.set_settled_by(SettledBy::Confirmation);
            told.confirmed_on = day("2025-11-20");
        } else if amounts.1 == "0.00" {
            told.set_settled_by(SettledBy::Declaration);
            told.declarers = vec!["disabled-federation".to_owned()];
            self.favourites.push((resident, student));
        }
        self.bureau.subsidy_tells(&told);
    }

    async fn paid(&mut self, resident: ResidentId, student: StudentKind) {
        let (yuan, years) = self.dice.one_of(&[("400.00", 1), ("80.00", 1), ("1600.00", 4), ("1600.00", 4)]);
        let on = self.dice.one_of(&["2025-11-12", "2025-12-24", "2026-02-25"]);
        if self.bureau.pay(resident, (yuan, on), years).await.is_err() {
            return;
        }
        if years > 1 {
            self.did("paid for several years");
            self.favourites.push((resident, student));
        } else {
            self.did("paid");
        }
    }

    async fn reported(&mut self, resident: ResidentId) {
        let yuan = self.dice.one_of(&["400.00", "80.00", "399.99"]);
        let line = self.bureau.report(named(resident), yuan, "2025-11-18").await;
        if line.suspense_reason() == SuspenseReason::Unspecified {
            self.did("posted");
        } else {
            self.did("suspended");
            self.suspended.push(line.payment_id);
        }
    }

    async fn declared(&mut self, resident: ResidentId) {
        let asked = DeclareContributionsRequest {
            request_id: RequestId::new().to_string(),
            after: self.bureau.after.clone(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            declared_on: day("2025-11-19"),
            residents: named(resident).into_iter().collect(),
            declared_count: 1,
            ..DeclareContributionsRequest::default()
        };
        let asked = request("disabled-federation", asked);
        let told = self.bureau.payments.declare_contributions(asked).await.unwrap().into_inner();
        if told.settled > 0 {
            self.did("declared");
        }
    }

    fn helped_after_paying(&mut self, resident: ResidentId) {
        let amount = self.dice.one_of(&["320.00", "400.00"]);
        let determination = self.next_determination(resident);
        self.bureau.subsidy_tells(&AidRefundDetermined {
            resident_id: resident.as_bytes().to_vec(),
            cover_year: self.dice.one_of(&[YEAR, YEAR + 1]),
            amount: money(amount),
            determined_on: day("2025-12-20"),
            determination,
            citations: Vec::new(),
        });
    }

    async fn left(&mut self, resident: ResidentId) {
        let days = self.dice.one_of(&[("2025-12-20", "2025-12-22"), ("2026-03-01", "2026-03-05")]);
        if let Ok(refund) = self.bureau.student_left(resident, days).await {
            self.did(if refund.years.contains(&YEAR) { "gave all years up" } else { "gave later years up" });
            self.refunds.push(refund.refund_id);
        }
    }

    async fn asked_back(&mut self, resident: ResidentId) {
        let asked = asked_back::back(named(resident), "2025-12-28");
        if let Ok(refund) = self.bureau.ask_back(asked).await {
            self.did("asked back");
            self.refunds.push(refund.refund_id);
        }
    }

    async fn gave_back(&mut self) {
        if !self.suspended.is_empty() && self.dice.roll(2) == 0 {
            let payment = self.suspended.remove(0);
            if let Ok(refund) = self.bureau.refund_suspense(&payment, "2026-03-10").await {
                self.did("gave suspense back");
                self.refunds.push(refund.refund_id);
            }
        } else if !self.refunds.is_empty() {
            let refund = self.refunds.remove(0);
            if self.bureau.pay_refund(&refund, "2026-04-01").await.is_ok() {
                self.did("paid out");
            }
        }
    }
}

/// Every equation between the tables of the closed database, in fen.
fn assert_books_add_up(data: &Path, seed: u64) {
    let number = |sql: &str| count(data, "collection", sql);
    let crooked = "SELECT hex(entry) FROM posting GROUP BY division, cover_year, entry HAVING SUM(fen) <> 0";
    assert_eq!(texts(data, "collection", crooked), [""; 0], "entries that do not add up, seed {seed}");
    let crooked = "SELECT hex(resident) FROM settled
                   WHERE standard_fen <> paid_fen + aided_fen OR paid_fen < 0 OR aided_fen < 0";
    assert_eq!(texts(data, "collection", crooked), [""; 0], "settled is not paid + aided, seed {seed}");
    let equal = [
        ("what channels took is what was paid", "channel/%", "SELECT SUM(amount_fen) FROM payment", 1),
        (
            "what the parts have is the standards",
            "contribution/%",
            "SELECT SUM(standard_fen) FROM settled",
            -1,
        ),
        ("what others owe is the aid", "aid", "SELECT SUM(aided_fen) FROM settled WHERE aided_fen > 0", 1),
        (
            "what is prepaid is for years to come",
            "prepaid/%",
            "SELECT SUM(p.fen) FROM prepaid p WHERE NOT EXISTS
             (SELECT 1 FROM settled s WHERE s.resident = p.resident AND s.cover_year = p.cover_year)",
            -1,
        ),
        (
            "what is in suspense is open",
            "suspense/%",
            "SELECT SUM(p.amount_fen) FROM suspended s JOIN payment p ON p.id = s.payment",
            -1,
        ),
        ("what waits is not paid out", "refund/%", "SELECT SUM(fen) FROM refund WHERE paid_day IS NULL", -1),
        ("what left was paid out", "treasury", "SELECT SUM(fen) FROM refund WHERE paid_day IS NOT NULL", -1),
    ];
    for (says, accounts, rows, sign) in equal {
        let ledger =
            number(&format!("SELECT COALESCE(SUM(fen), 0) FROM posting WHERE account LIKE '{accounts}'"));
        let rows = number(&format!("SELECT COALESCE(({rows}), 0)"));
        assert_eq!(ledger, sign * rows, "{says}, seed {seed}");
    }
}

#[tokio::test]
async fn after_any_mix_of_deeds_every_entry_sums_to_zero_and_settled_is_paid_and_aided() {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=STORIES {
        let mut story = Story::start(seed * 6_364_136_223_846_793).await;
        for _ in 0..DEEDS {
            story.anything().await;
        }
        for (deed, times) in story.done {
            *done.entry(deed).or_default() += times;
        }
        let data = story.bureau.stop().await;
        assert_books_add_up(data.path(), seed);
        for (deed, rows) in [
            ("gave aid back", "refund WHERE ground = 1"),
            ("gave a later year's aid back", "refund WHERE ground = 1 AND cover_year = 2027"),
            ("settled a later year", "settled WHERE how = 4"),
            (
                "gave a settled later year up",
                "posting WHERE cover_year = 2027 AND account LIKE 'prepaid/%' AND fen < 0",
            ),
        ] {
            let times = count(data.path(), "collection", &format!("SELECT COUNT(*) FROM {rows}"));
            *done.entry(deed).or_default() += u32::try_from(times).unwrap();
        }
    }
    done.retain(|_, times| *times > 0);
    let deeds = [
        "asked back",
        "declared",
        "gave a later year's aid back",
        "gave a settled later year up",
        "gave aid back",
        "gave all years up",
        "gave later years up",
        "gave suspense back",
        "paid",
        "paid for several years",
        "paid out",
        "posted",
        "settled a later year",
        "suspended",
    ];
    assert_eq!(done.keys().copied().collect::<Vec<_>>(), deeds, "each had an effect: {done:?}");
}
