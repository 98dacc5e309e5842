//! The closed list of reasons with which a rule says no, warns, or explains what is missing.

use std::sync::LazyLock;

words! {
    /// Why a rule says no, warns, or cannot say. Notices name them by code; the list is closed.
    pub enum Reason {
        // Registration: who may take part, and what comes first.
        /// In, or bound to join, the employees' scheme (职工医保).
        InEmployeeScheme = "in-employee-scheme",
        /// Unemployment benefit is still running, and with it the employees' cover.
        UnemploymentBenefitRunning = "unemployment-benefit-running",
        /// Insured in another place.
        EnrolledElsewhere = "enrolled-elsewhere",
        /// None of the notice's grounds for taking part is there.
        NoGround = "no-ground",
        /// A paper that the notice asks for is missing.
        PapersMissing = "papers-missing",
        /// Registration comes before payment.
        RegisterFirst = "register-first",
        /// A declaration (参保申报) comes before payment.
        DeclareFirst = "declare-first",
        /// The school declares its students before they pay.
        SchoolMustDeclare = "school-must-declare",
        /// The record of enrolment lies in another place and must be moved first.
        ChangeRegionFirst = "change-region-first",
        /// The medical insurance office assesses the amount before a late payment.
        AssessFirst = "assess-first",

        // When one may pay.
        /// No window is open yet.
        NotOpen = "not-open",
        /// A window is open in this time, but not on this day of the month.
        ClosedDay = "closed-day",
        /// The last window for the year is over.
        WindowClosed = "window-closed",
        /// Cash is taken on working days only.
        CashNeedsWorkingDay = "cash-needs-working-day",

        // What one pays, and from whose money.
        /// Less than the amount due.
        NotInFull = "not-in-full",
        /// More than the amount due.
        MoreThanDue = "more-than-due",
        /// Nothing is left to pay.
        NothingDue = "nothing-due",
        /// The wrong payable item was chosen.
        WrongOption = "wrong-option",
        /// The personal account of someone who is no near relative.
        NotNearRelative = "not-near-relative",
        /// The personal account has not been linked to the family yet.
        LinkFirst = "link-first",
        /// The personal account does not hold enough.
        BalanceInsufficient = "balance-insufficient",
        /// The tier asked for may not be chosen by this person.
        TierNotOffered = "tier-not-offered",

        // What one would get for it.
        /// The benefit would begin after the coverage year has ended.
        BuysNothing = "buys-nothing",
        /// More repaired years would not shorten the wait.
        RepairBuysNothing = "repair-buys-nothing",
        /// A repair of missed years is not offered by this notice.
        RepairNotOffered = "repair-not-offered",
        /// The tier is laid down for this person, whatever was asked for.
        TierForced = "tier-forced",
        /// What was done does not count as payment.
        NotPaid = "not-paid",
        /// An identity is listed but does not count yet.
        IdentityPending = "identity-pending",

        // Giving money back.
        /// The benefit has begun, so the payment stays.
        BenefitBegun = "benefit-begun",
        /// The identity was recognised after the window, so the payment stays.
        RecognisedAfterWindow = "recognised-after-window",

        // What the rules leave open.
        /// A fact that could decide was not given.
        NeedsFact = "needs-fact",
        /// The notice says nothing about it.
        NotStated = "not-stated",
        /// A person must decide.
        PersonMustDecide = "person-must-decide",
        /// There is no notice for the division and year.
        NoNotice = "no-notice",
        /// The calendar of working days does not cover the year.
        CalendarYearMissing = "calendar-year-missing",
    }
}

impl Reason {
    /// The code as error details carry it: `CLOSED_DAY`.
    pub fn wire_code(self) -> &'static str {
        static WIRE_CODES: LazyLock<Vec<String>> = LazyLock::new(|| {
            Reason::ALL.iter().map(|reason| reason.code().replace('-', "_").to_ascii_uppercase()).collect()
        });
        // The list is in the order of the variants.
        &WIRE_CODES[self as usize]
    }

    /// A short sentence that a citizen can act on. A notice may say it in its own words instead.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InEmployeeScheme => "您属于职工医保参保范围，请参加职工医保。",
            Self::UnemploymentBenefitRunning => "您正在领取失业保险金，请在领取期满后办理居民医保。",
            Self::EnrolledElsewhere => "您已在其他地方参加基本医保，请先在原参保地停止参保。",
            Self::NoGround => "您不符合本地参保条件，请持户口本或居住证向参保地医保经办机构咨询。",
            Self::PapersMissing => "办理材料不齐，请补齐后再办理。",
            Self::RegisterFirst => "请先办理参保登记，再缴费。",
            Self::DeclareFirst => "请先办理参保申报，再缴费。",
            Self::SchoolMustDeclare => "请先由学校统一申报，再缴费。",
            Self::ChangeRegionFirst => "您的参保登记不在本地，请先变更参保地，再缴费。",
            Self::AssessFirst => "请先到医保经办机构核定补缴金额，再缴费。",
            Self::NotOpen => "当日不在缴费期内，请在下一个缴费期开始后缴费。",
            Self::ClosedDay => "今日不在缴费日内，请在下一个缴费日缴费。",
            Self::WindowClosed => "本年度缴费期已结束，请关注下一年度缴费通知。",
            Self::CashNeedsWorkingDay => "现金缴费请在工作日办理，或改用线上渠道。",
            Self::NotInFull => "请按应缴金额一次足额缴纳。",
            Self::MoreThanDue => "缴费金额高于应缴金额，请按应缴金额缴纳。",
            Self::NothingDue => "您无需缴费。",
            Self::WrongOption => "缴费项目选择有误，请重新选择后缴费。",
            Self::NotNearRelative => "职工医保个人账户只能为近亲属缴费，请改用其他方式。",
            Self::LinkFirst => "请先办理个人账户家庭共济绑定，再缴费。",
            Self::BalanceInsufficient => "个人账户余额不足，请改用其他方式缴费。",
            Self::TierNotOffered => "您不能选择该缴费档次，请选择其他档次。",
            Self::BuysNothing => "现在缴费，本年度内已不能享受待遇，请确认是否仍要缴费。",
            Self::RepairBuysNothing => "多补缴的年度不能再缩短等待期，无需补缴。",
            Self::RepairNotOffered => "本地未开办断保年度修复缴费，请按本年度应缴金额缴费。",
            Self::TierForced => "您的缴费档次由政策规定，将按规定档次办理。",
            Self::NotPaid => "您尚未完成缴费，请在缴费期内完成缴费。",
            Self::IdentityPending => "您的身份尚未生效，请向认定部门核实。",
            Self::BenefitBegun => "待遇已开始享受，所缴费用不予退还。",
            Self::RecognisedAfterWindow => "您的身份在缴费期结束后认定，已缴费用不予退还。",
            Self::NeedsFact => "信息不全，请补充所缺信息后再办理。",
            Self::NotStated => "当地通知没有规定，请向当地医保经办机构咨询。",
            Self::PersonMustDecide => "该情形需由经办人员认定，请到当地医保经办机构办理。",
            Self::NoNotice => "当地该年度的参保缴费通知尚未发布，请稍后再查询。",
            Self::CalendarYearMissing => "该年度的节假日安排尚未公布，请稍后再查询。",
        }
    }
}
