//! Everything registration refuses, in order of precedence.

use canbao_host::Failure;
use canbao_types::{Citation, CoverYear, Date, Division, Reason, RefusalKind, Refused};

/// Why registration says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The roster declares another number of people than it has.
    CountDiffers { declared: u32, received: u32 },
    /// A school registers its students, and this is none.
    NotAStudent,
    /// No notice governs this division and coverage year.
    NoNotice(Division, CoverYear),
    /// The date that counts has not come yet.
    DateInFuture(Date),
    /// The document is known under another name.
    NameDiffers,
    /// Registered already for this division and coverage year.
    AlreadyRegistered,
    /// Nobody is known by this id or document.
    UnknownResident,
    /// Neither a registration nor an enrolment record lies elsewhere in the suite.
    NothingToMove,
    /// Not registered for this division and coverage year, or not any more.
    NotRegistered,
    /// The contribution is settled, or the notice asks for none.
    AlreadyInsured,
    /// The ordinary windows are not over for the person, so there is nothing to assess.
    NotLate,
    /// A rule of the notice says no.
    ByRule(Box<canbao_policy::Refusal>),
    /// Registered in another division for the same year, and the notice has no rule that says so: nobody is insured twice.
    RegisteredElsewhere(Division),
    /// The notice states the amount, so nobody decides it.
    AmountStated,
    /// The notice leaves the amount to a person, and nobody has decided it.
    AmountNeeded(Vec<Citation>),
    /// The document is another resident's.
    DocumentTaken,
    /// Cover of the same scheme and first day was recorded on a later day.
    NewerCover,
}

impl Refusal {
    /// The person takes part in another division or another scheme.
    pub(crate) fn covered_elsewhere(&self) -> bool {
        match self {
            Self::ByRule(refusal) => {
                matches!(refusal.reason, Reason::EnrolledElsewhere | Reason::InEmployeeScheme)
            }
            Self::RegisteredElsewhere(_) => true,
            _ => false,
        }
    }

    /// What the caller is told.
    pub(crate) fn refused(self) -> Refused {
        let (reason, message) = match &self {
            Self::CountDiffers { .. } => ("COUNT_DIFFERS", "名单人数与申报人数不符，请核对后重新报送。"),
            Self::NotAStudent => ("NOT_A_STUDENT", "学校只能为本校学生办理参保登记，请核对在校情况。"),
            Self::NoNotice(..) => ("NO_NOTICE", "本地该年度的参保通知尚未载入，暂不能办理。"),
            Self::DateInFuture(_) => ("DATE_IN_FUTURE", "办理日期尚未到来，请核对日期。"),
            Self::NameDiffers => ("NAME_DIFFERS", "该证件号码已用另一姓名登记，请持证件到经办机构核实。"),
            Self::AlreadyRegistered => ("ALREADY_REGISTERED", "本年度已办理参保登记，无需重复办理。"),
            Self::UnknownResident => ("UNKNOWN_RESIDENT", "没有查到该居民的登记信息，请先办理参保登记。"),
            Self::NothingToMove => ("NOTHING_TO_MOVE", "没有需要转入本地的参保登记，请核对参保地。"),
            Self::NotRegistered => ("NOT_REGISTERED", "本年度在本地没有参保登记，请先办理参保登记。"),
            Self::AlreadyInsured => ("ALREADY_INSURED", "本年度已参保，不能再办理此项业务。"),
            Self::NotLate => ("NOT_LATE", "尚在缴费期内或缴费期尚未开始，无需核定，请按期缴费。"),
            Self::RegisteredElsewhere(_) => {
                ("REGISTERED_ELSEWHERE", "本年度已在其他地方办理参保登记，请先办理变更。")
            }
            Self::AmountStated => ("AMOUNT_STATED", "补缴金额由通知规定，无需另行确定。"),
            Self::AmountNeeded(_) => ("AMOUNT_NEEDED", "补缴金额需由经办人员确定，请填写金额和理由。"),
            Self::DocumentTaken => ("DOCUMENT_TAKEN", "该证件号码已属于另一居民，请持证件到经办机构核实。"),
            Self::NewerCover => ("NEWER_COVER", "该段参保记录已有日期更晚的报送，较早的名单不再更改。"),
            Self::ByRule(refusal) => return refusal.refused(),
        };
        let refused = Refused::new(RefusalKind::Precondition, reason, message);
        match self {
            Self::CountDiffers { declared, received } => {
                refused.with("declared", declared).with("received", received)
            }
            Self::NoNotice(division, year) => refused.with("division", division).with("cover_year", year),
            Self::DateInFuture(day) => refused.with("date", day),
            Self::RegisteredElsewhere(division) => refused.with("division", division),
            Self::AmountNeeded(citations) => refused.citing(citations),
            _ => refused,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refusal.refused().into()
    }
}
