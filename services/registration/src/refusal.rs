//! Everything registration refuses, in order of precedence.

use canbao_host::Failure;
use canbao_types::{CoverYear, Date, Division, RefusalKind, Refused};

/// Why registration says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No notice governs this division and coverage year.
    NoNotice(Division, CoverYear),
    /// The day of the registration has not come yet.
    DateInFuture(Date),
    /// The document is known under another name.
    NameDiffers,
    /// Registered already for this division and coverage year.
    AlreadyRegistered,
    /// A rule of the notice says no.
    ByRule(Box<canbao_policy::Refusal>),
    /// Registered in another division for the same year, and the notice has no rule that says so: nobody is insured twice.
    RegisteredElsewhere(Division),
    /// Nobody is known by this id or document.
    UnknownResident,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        use RefusalKind::Precondition;
        let refused = match refusal {
            Refusal::NoNotice(division, year) => {
                Refused::new(Precondition, "NO_NOTICE", "本地该年度的参保通知尚未载入，暂不能办理。")
                    .with("division", division)
                    .with("cover_year", year)
            }
            Refusal::DateInFuture(day) => {
                Refused::new(Precondition, "DATE_IN_FUTURE", "登记日期尚未到来，请核对日期。")
                    .with("date", day)
            }
            Refusal::NameDiffers => Refused::new(
                Precondition,
                "NAME_DIFFERS",
                "该证件号码已用另一姓名登记，请持证件到经办机构核实。",
            ),
            Refusal::AlreadyRegistered => {
                Refused::new(Precondition, "ALREADY_REGISTERED", "本年度已办理参保登记，无需重复办理。")
            }
            Refusal::ByRule(refusal) => refusal.refused(),
            Refusal::RegisteredElsewhere(division) => Refused::new(
                Precondition,
                "REGISTERED_ELSEWHERE",
                "本年度已在其他地方办理参保登记，请先办理变更。",
            )
            .with("division", division),
            Refusal::UnknownResident => {
                Refused::new(Precondition, "UNKNOWN_RESIDENT", "没有查到该居民的登记信息，请先办理参保登记。")
            }
        };
        refused.into()
    }
}
