//! Everything subsidy refuses, in order of precedence.

use canbao_host::Failure;
use canbao_types::{Citation, CoverYear, Date, Division, Money, RefusalKind, Refused};

/// Why subsidy says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No notice governs this division and coverage year.
    NoNotice(Division, CoverYear),
    /// As many comparisons are under way as are let run at once.
    TooManyComparisons,
    /// The notice knows no such identity.
    UnknownIdentity,
    /// Somebody else certifies the identity; the clauses say who.
    NotTheSubmitter(Vec<Citation>),
    /// No roster has this id.
    UnknownRoster,
    /// The roster's identity counts without a confirmation; the clauses say so.
    NotToConfirm(Vec<Citation>),
    /// The day has not come yet.
    DateInFuture(Date),
    /// The roster declares another number of people than it has.
    CountDiffers {
        /// How many it declares.
        declared: u32,
        /// How many it has.
        lines: usize,
    },
    /// The roster has no line at this place, or had to refuse it.
    UnknownLine(u32),
    /// Nobody is registered under this id or document for the year.
    UnknownResident,
    /// The notice leaves nothing about this aid to a person, or it has been decided.
    NothingToDecide,
    /// The aid would be more than the person's own standard, which is this.
    AboveStandard(Money),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let no = |reason, message| Refused::new(RefusalKind::Precondition, reason, message);
        let refused = match refusal {
            Refusal::NoNotice(division, year) => {
                no("NO_NOTICE", "本地该年度的参保通知尚未载入，暂不能办理。")
                    .with("division", division)
                    .with("cover_year", year)
            }
            Refusal::TooManyComparisons => {
                let message = "正在试算的任务较多，本次试算尚未开始，请稍后再试。";
                Refused::new(RefusalKind::Busy, "TOO_MANY_COMPARISONS", message)
            }
            Refusal::UnknownIdentity => no("UNKNOWN_IDENTITY", "本年度通知中没有该身份，请核对名单类别。"),
            Refusal::NotTheSubmitter(citations) => {
                no("NOT_THE_SUBMITTER", "该身份的名单由其他部门核实认定，请由认定部门报送。")
                    .citing(citations)
            }
            Refusal::UnknownRoster => no("UNKNOWN_ROSTER", "没有查到该名单，请核对名单编号。"),
            Refusal::NotToConfirm(citations) => {
                no("NOT_TO_CONFIRM", "该身份以报送部门的名单为准，无需医保部门确认。").citing(citations)
            }
            Refusal::DateInFuture(day) => {
                no("DATE_IN_FUTURE", "办理日期尚未到来，请核对日期。").with("date", day)
            }
            Refusal::CountDiffers { declared, lines } => {
                no("COUNT_DIFFERS", "名单人数与申报人数不一致，请核对后重新报送。")
                    .with("declared", declared)
                    .with("received", lines)
            }
            Refusal::UnknownLine(line) => {
                no("UNKNOWN_LINE", "名单中没有该行，或该行未被接收，请核对行号。").with("line", line)
            }
            Refusal::UnknownResident => no("UNKNOWN_RESIDENT", "没有查到该居民本年度的参保登记。"),
            Refusal::NothingToDecide => no("NOTHING_TO_DECIDE", "该居民的资助金额无需人工核定，或已核定。"),
            Refusal::AboveStandard(standard) => {
                no("ABOVE_STANDARD", "资助金额不能超过个人缴费标准，请核对金额。").with("standard", standard)
            }
        };
        refused.into()
    }
}
