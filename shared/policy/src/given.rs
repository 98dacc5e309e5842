//! What the facts of a question give for each name a condition can use.

use canbao_types::CoverYear;

use crate::fact::Fact;
use crate::facts::{HeldIdentity, Place};
use crate::sheet::{Mark, Seen, Sheet};
use crate::table::bit;
use crate::words::EmployeeScheme;

impl Sheet<'_> {
    /// What is known of a fact made of words.
    pub fn mark(&self, fact: Fact, held: Option<&HeldIdentity>) -> Mark {
        let facts = self.facts;
        let names = &self.tables.names;
        let word = |list, word: &Option<String>| Mark::given(word.as_ref().map(|word| bit(list, word)));
        match fact {
            Fact::EmployeeScheme => Mark::given(facts.employee_scheme.map(|word| word.bit())),
            Fact::Unemployment => Mark::given(facts.unemployment.map(|word| word.bit())),
            Fact::Student => Mark::given(facts.student.map(|word| word.bit())),
            Fact::Funds => Mark::given(facts.funds.map(|word| word.bit())),
            Fact::Kinship => Mark::given(facts.kinship.map(|word| word.bit())),
            Fact::Channel => Mark::given(facts.channel.map(|word| word.bit())),
            // Until an item is chosen, none is the wrong one.
            Fact::Option => Mark::known(facts.option.as_ref().map_or(0, |chosen| bit(&names.option, chosen))),
            Fact::Ground => word(&names.ground, &facts.ground),
            Fact::Done => {
                let steps = facts.done.as_ref();
                Mark::given(steps.map(|steps| steps.iter().fold(0, |bits, step| bits | step.bit())))
            }
            Fact::Papers => {
                let papers = facts.papers.as_ref();
                let bits = |bits, paper: &String| bits | bit(&names.papers, paper);
                Mark::given(papers.map(|papers| papers.iter().fold(0, bits)))
            }
            Fact::Sex => Mark::given(facts.sex.map(|word| word.bit())),
            Fact::EmployeeMonths => Mark::given(facts.employee_months.map(|months| 1 << months.min(63))),
            Fact::ParentInsured => Mark::flag(facts.parent_insured),
            Fact::Works => Mark::flag(facts.works),
            Fact::Rural => Mark::flag(facts.rural),
            Fact::Retired => Mark::flag(facts.retired),
            Fact::EmployeeBenefits => Mark::flag(facts.employee_benefits),
            Fact::RetirementAge => Mark::flag(facts.retirement_age),
            Fact::FullTime => Mark::flag(facts.full_time),
            Fact::EnrolledElsewhere => Mark::flag(facts.enrolled_elsewhere),
            Fact::Cash => Mark::flag(facts.cash),
            Fact::Identity => self.identity,
            Fact::Who => self.who,
            Fact::Class => self.class,
            Fact::Tier => self.tier,
            Fact::BalanceCovers => self.balance_covers,
            Fact::Emergency => Mark::flag(facts.emergency),
            Fact::Window => self.window,
            Fact::Late => self.late,
            Fact::History => Mark::given(self.history.word.map(|word| word.bit())),
            Fact::Missed => Mark::given(self.history.missed.map(|missed| 1 << missed.min(63))),
            Fact::WorkingDay => self.working_day,
            Fact::Short => self.short,
            Fact::IdentityConfirmed => Mark::flag(held.and_then(|held| held.confirmed)),
            Fact::IdentityPoor => Mark::flag(held.and_then(|held| held.poor)),
            Fact::IdentityGrade => {
                Mark::given(held.and_then(|held| held.grade).map(|grade| 1 << grade.min(63)))
            }
            Fact::IdentityKind => held.map_or(Mark::UNKNOWN, |held| word(&names.kind, &held.kind)),
            _ => Mark::UNKNOWN,
        }
    }

    /// A day of the person; `of` limits which identities' recognition is meant.
    pub fn day(&self, fact: Fact, of: u64, held: Option<&HeldIdentity>) -> Seen {
        let facts = self.facts;
        let day = match fact {
            Fact::Paid => return self.paid,
            Fact::Event => return self.event,
            Fact::Start => return self.start,
            Fact::CoverYear => facts.cover_year.map(CoverYear::first_day),
            Fact::Registered => facts.registered,
            Fact::Died => return facts.died.map_or(Seen::Never, Seen::Is),
            Fact::SchoolRegistered => facts.school_registered,
            Fact::Recognised => return self.recognised(of),
            Fact::EmployeeUntil if facts.employee_scheme.is_some_and(EmployeeScheme::has_no_last_day) => {
                return facts.employee_until.map_or(Seen::Never, Seen::Is);
            }
            Fact::EmployeeUntil => facts.employee_until,
            Fact::EmployeeFrom => return facts.employee_from.map_or(Seen::Never, Seen::Is),
            Fact::Birth => facts.birth,
            Fact::Arrived => facts.arrived,
            Fact::Confirmed => facts.confirmed,
            Fact::Asked => facts.asked,
            Fact::Left => facts.left,
            Fact::Success => facts.success,
            Fact::IdentityRecognised => held.and_then(|held| held.recognised),
            Fact::IdentityCertificate => held.and_then(|held| held.certificate),
            Fact::IdentityRated => held.and_then(|held| held.rated),
            _ => None,
        };
        Seen::given(day, fact)
    }

    /// The earliest recognition among identities that count: who was on the roster before is not newly on it.
    fn recognised(&self, of: u64) -> Seen {
        if let Some(day) = self.facts.recognised {
            return Seen::Is(day);
        }
        if self.identity.maybe & of != 0 {
            return Seen::Unknown(self.why(Fact::Identity, of));
        }
        let mut earliest = Seen::Never;
        for held in self.facts.identities.iter().flatten() {
            if bit(&self.tables.names.identity, &held.name) & self.identity.yes & of == 0 {
                continue;
            }
            earliest = match (held.recognised, earliest) {
                (None, _) => return Seen::Unknown(Fact::IdentityRecognised),
                (Some(day), Seen::Is(earlier)) if earlier <= day => Seen::Is(earlier),
                (Some(day), _) => Seen::Is(day),
            };
        }
        earliest
    }

    /// A place of the person; `None` when it was not given.
    pub fn place(&self, fact: Fact) -> Option<Place> {
        match fact {
            Fact::Hukou => self.facts.hukou,
            Fact::Permit => self.facts.permit,
            Fact::House => self.facts.house,
            Fact::ParentPermit => self.facts.parent_permit,
            Fact::School => self.facts.school,
            Fact::Record => self.facts.record,
            _ => None,
        }
    }
}
