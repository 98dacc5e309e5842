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
    /// The date that counts has not come yet.
    DateInFuture(Date),
    /// A list does not have as many people as it declares.
    CountDiffers { declared: u32, received: usize },
    /// No payment has this id.
    UnknownPayment,
    /// The payment is posted, or was given back.
    NotInSuspense,
    /// No refund has this id.
    UnknownRefund,
    /// The refund was paid out before.
    RefundPaid(Date),
    /// Nobody is registered under this id or document for the division and year.
    UnknownResident,
    /// Paid already.
    AlreadySettled,
    /// Nothing was paid that could be given back.
    NotSettled,
    /// A rule of the notice says no.
    ByRule(Box<canbao_policy::Refusal>),
    /// The notice leaves the amount or the benefit to a person.
    PersonMustDecide(Vec<Citation>),
    /// Others pay everything, or the notice asks for nothing.
    NothingDue(Vec<Citation>),
    /// Not the payable item under which this contribution is paid.
    WrongItem { payable_item: String, citations: Vec<Citation> },
    /// Not what is due.
    WrongAmount { due: Money, citations: Vec<Citation> },
    /// The payer has not confirmed what should be known first.
    WarningNotConfirmed(Box<canbao_policy::Refusal>),
    /// No year that was paid for has still to begin, or the person paid nothing.
    NothingToRefund(Vec<Citation>),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refusal.refused().into()
    }
}

impl Refusal {
    /// Whether it only asks for the tier, which the person chooses.
    pub(crate) fn needs_tier(&self) -> bool {
        matches!(self, Self::ByRule(refusal) if refusal.fact == Some(canbao_policy::Fact::TierAsked))
    }

    /// As the caller is told, and the citizen.
    pub(crate) fn refused(self) -> Refused {
        match self {
            Self::ChannelDiffers => {
                Refused::new(RefusalKind::Denied, "CHANNEL_DIFFERS", "缴费渠道只能申报本渠道的缴费。")
            }
            Self::ControlTotalDiffers { declared, received } => {
                no("CONTROL_TOTAL_DIFFERS", "明细合计与申报总额不一致，请核对后重新报送。")
                    .with("declared", declared)
                    .with("received", received)
            }
            Self::TransactionIdReused => {
                let message = "该交易流水号已有记录，请核对流水号。";
                Refused::new(RefusalKind::Exists, "TRANSACTION_ID_REUSED", message)
            }
            Self::NoNotice(division, year) => no("NO_NOTICE", "本地该年度的参保通知尚未载入，暂不能办理。")
                .with("division", division)
                .with("cover_year", year),
            Self::DateInFuture(day) => {
                no("DATE_IN_FUTURE", "所报日期尚未到来，请核对日期。").with("date", day)
            }
            Self::CountDiffers { declared, received } => {
                no("COUNT_DIFFERS", "名单人数与申报人数不一致，请核对后重新报送。")
                    .with("declared", declared)
                    .with("received", received)
            }
            Self::UnknownPayment => no("UNKNOWN_PAYMENT", "没有查到该笔缴费，请核对缴费编号。"),
            Self::NotInSuspense => no("NOT_IN_SUSPENSE", "该笔缴费不在待查款中，无需退回。"),
            Self::UnknownRefund => no("UNKNOWN_REFUND", "没有查到该笔退费，请核对退费编号。"),
            Self::RefundPaid(day) => {
                no("REFUND_PAID", "该笔退费已经支付，请勿重复支付。").with("paid_on", day)
            }
            Self::UnknownResident => no("UNKNOWN_RESIDENT", "没有查到参保登记，请先办理参保登记再缴费。"),
            Self::AlreadySettled => no("ALREADY_SETTLED", "本年度费用已结清，无需重复缴费。"),
            Self::NotSettled => no("NOT_SETTLED", "该年度没有缴费记录，无费用可退。"),
            Self::ByRule(refusal) => refusal.refused(),
            Self::PersonMustDecide(citations) => {
                no("PERSON_MUST_DECIDE", "此项须由医保经办机构核定，请到经办窗口办理。").citing(citations)
            }
            Self::NothingDue(citations) => no("NOTHING_DUE", "本人无需缴费，请勿缴款。").citing(citations),
            Self::WrongItem { payable_item, citations } => {
                no("WRONG_ITEM", &format!("缴费年限应选择“{payable_item}”，请重新选择后缴费。"))
                    .with("payable_item", payable_item)
                    .citing(citations)
            }
            Self::WrongAmount { due, citations } => {
                no("WRONG_AMOUNT", &format!("应缴金额为{due}元，须一次性足额缴纳。"))
                    .with("due", due)
                    .citing(citations)
            }
            Self::WarningNotConfirmed(warning) => {
                let mut refused = warning.refused();
                refused.metadata.push(("warning".to_owned(), refused.reason.to_owned()));
                refused.reason = "WARNING_NOT_CONFIRMED";
                refused
            }
            Self::NothingToRefund(citations) => {
                no("NOTHING_TO_REFUND", "无可退费用：已缴年度均已开始，或本人未缴费。").citing(citations)
            }
        }
    }
}

fn no(reason: &'static str, message: &str) -> Refused {
    Refused::new(RefusalKind::Precondition, reason, message)
}
