//! Everything collection refuses, in order of precedence.

use canbao_host::Failure;
use canbao_types::{Citation, CoverYear, Date, Division, Money, RefusalKind, Refused};

/// Why collection says no.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A channel speaks for another one.
    ChannelDiffers,
    /// The sum of the lines is not the declared one.
    ControlTotalDiffers { declared: Money, received: Money },
    /// The channel's transaction is known with other content.
    TransactionIdReused,
    /// No notice governs this division and coverage year.
    NoNotice(Division, CoverYear),
    /// The day of the payment has not come yet.
    DateInFuture(Date),
    /// Nobody is registered under this id or document for the division and year.
    UnknownResident,
    /// Paid already.
    AlreadySettled,
    /// A rule of the notice says no.
    ByRule(Box<canbao_policy::Refusal>),
    /// The notice leaves the amount or the benefit to a person.
    PersonMustDecide(Vec<Citation>),
    /// Not what is due.
    WrongAmount { due: Money, citations: Vec<Citation> },
    /// The payer has not confirmed what should be known first.
    WarningNotConfirmed(Box<canbao_policy::Refusal>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let no = |reason, message: &str| Refused::new(RefusalKind::Precondition, reason, message);
        let refused = match refusal {
            Refusal::ChannelDiffers => {
                Refused::new(RefusalKind::Denied, "CHANNEL_DIFFERS", "缴费渠道只能申报本渠道的缴费。")
            }
            Refusal::ControlTotalDiffers { declared, received } => {
                no("CONTROL_TOTAL_DIFFERS", "明细合计与申报总额不一致，请核对后重新报送。")
                    .with("declared", declared)
                    .with("received", received)
            }
            Refusal::TransactionIdReused => Refused::new(
                RefusalKind::Exists,
                "TRANSACTION_ID_REUSED",
                "该交易流水号已有记录，请核对流水号。",
            ),
            Refusal::NoNotice(division, year) => {
                no("NO_NOTICE", "本地该年度的参保通知尚未载入，暂不能办理。")
                    .with("division", division)
                    .with("cover_year", year)
            }
            Refusal::DateInFuture(day) => {
                no("DATE_IN_FUTURE", "缴费日期尚未到来，请核对日期。").with("date", day)
            }
            Refusal::UnknownResident => no("UNKNOWN_RESIDENT", "没有查到参保登记，请先办理参保登记再缴费。"),
            Refusal::AlreadySettled => no("ALREADY_SETTLED", "本年度费用已结清，无需重复缴费。"),
            Refusal::ByRule(refusal) => refusal.refused(),
            Refusal::PersonMustDecide(citations) => {
                no("PERSON_MUST_DECIDE", "此项须由医保经办机构核定，请到经办窗口办理。").citing(citations)
            }
            Refusal::WrongAmount { due, citations } => {
                no("WRONG_AMOUNT", &format!("应缴金额为{due}元，须一次性足额缴纳。"))
                    .with("due", due)
                    .citing(citations)
            }
            Refusal::WarningNotConfirmed(warning) => {
                let mut refused = warning.refused();
                refused.metadata.push(("warning".to_owned(), refused.reason.to_owned()));
                refused.reason = "WARNING_NOT_CONFIRMED";
                refused
            }
        };
        refused.into()
    }
}
