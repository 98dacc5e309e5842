//! The Chinese of what is the same for every notice: days, amounts, facts, steps, causes.

use canbao_types::{Date, Datelike, Money};

use crate::fact::Fact;
use crate::words::{Cause, Step};

/// A day, such as 2026年7月1日.
pub(super) fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// An amount, such as 80元 or 0.50元.
pub(super) fn yuan(amount: Money) -> String {
    let text = amount.to_string();
    format!("{}元", text.strip_suffix(".00").unwrap_or(&text))
}

/// A share, such as 80%, from hundredths of a percent.
pub(super) fn percent(per_10_000: i64) -> String {
    let (whole, rest) = (per_10_000 / 100, per_10_000 % 100);
    match (rest / 10, rest % 10) {
        (0, 0) => format!("{whole}%"),
        (tenths, 0) => format!("{whole}.{tenths}%"),
        _ => format!("{whole}.{rest:02}%"),
    }
}

/// A window by its name, which may say by itself that it is one.
pub(super) fn window(name: &str) -> String {
    if name.ends_with('期') { format!("“{name}”") } else { format!("“{name}”缴费期") }
}

/// How long a wait is, such as 3个月.
pub(super) fn length(months: u32, days: u32) -> String {
    match (months, days) {
        (0, days @ 1..) => format!("{days}天"),
        (months, 0) => format!("{months}个月"),
        (months, days) => format!("{months}个月零{days}天"),
    }
}

/// Words in a row, with 、 between them.
pub(super) fn listed(words: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut listed = String::new();
    for word in words {
        if !listed.is_empty() {
            listed.push('、');
        }
        listed.push_str(word.as_ref());
    }
    listed
}

impl Fact {
    /// The name by which a citizen is asked for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Birth => "出生日期",
            Self::Arrears => "以前年度欠缴的金额",
            Self::YearsOfCap => "各年度参保和使用基金的情况",
            Self::EmployeeFrom => "开始享受职工医保待遇的日期",
            Self::EmployeeUntil => "职工医保参保到哪天",
            Self::Paid => "缴费日期",
            Self::Arrived => "费用到账日期",
            Self::Recognised | Self::IdentityRecognised => "身份认定日期",
            Self::Confirmed => "医保确认日期",
            Self::Asked => "申请退费的日期",
            Self::Left => "离开学校的日期",
            Self::Success => "缴费成功日期",
            Self::Event => "有无离开其他医疗保障等变动（及日期）",
            Self::SchoolRegistered => "学校登记日期",
            Self::Start => "待遇开始日期",
            Self::Registered => "登记日期",
            Self::Died => "死亡日期",
            Self::EmployeeMonths => "参加职工医保的月数",
            Self::Sex => "性别",
            Self::ParentInsured => "父母是否参保",
            Self::IdentityCertificate => "证件的发证日期",
            Self::IdentityRated => "等级评定日期",
            Self::Hukou => "户籍所在地",
            Self::Permit => "居住证所在地（或没有居住证）",
            Self::House => "房屋执照所在地（或没有房屋执照）",
            Self::ParentPermit => "父母居住证所在地（或没有居住证）",
            Self::School => "学校所在地",
            Self::Record => "参保登记所在地",
            Self::EmployeeScheme => "是否参加职工医保",
            Self::Unemployment => "是否领取失业保险金",
            Self::Student => "就读学校的类别（或没有上学）",
            Self::Funds => "用谁的资金缴费",
            Self::Kinship => "与账户所有人的亲属关系",
            Self::Channel => "缴费渠道",
            Self::Option => "选择的缴费项目",
            Self::Ground => "退费原因",
            Self::Identity => "是否在民政等部门的名单上",
            Self::Done => "已经办理的手续",
            Self::Papers => "已经提供的材料",
            Self::Works => "有无用人单位",
            Self::Rural => "是否农村居民",
            Self::Retired => "是否退休",
            Self::EmployeeBenefits => "是否享受职工医保待遇",
            Self::RetirementAge => "是否达到退休年龄",
            Self::FullTime => "是否全日制学生",
            Self::EnrolledElsewhere => "是否已在其他地方参保",
            Self::Cash => "是否用现金缴费",
            Self::History => "以前各年的参保情况",
            Self::Missed => "断保的年数",
            Self::Class => "人员类别",
            Self::Tier => "缴费档次",
            Self::Window => "缴费期",
            Self::Late => "是否补缴",
            Self::Who => "人员情况",
            Self::WorkingDay => "是否工作日",
            Self::Short => "是否足额缴费",
            Self::BalanceCovers | Self::Balance => "个人账户余额",
            Self::Emergency => "是否急诊、急救",
            Self::IdentityConfirmed => "身份是否经医保确认",
            Self::IdentityGrade => "身份的等级",
            Self::IdentityPoor => "是否认定为贫困",
            Self::IdentityKind => "身份的具体类别",
            Self::CoverYear => "参保年度",
            Self::LastCovered => "最近一次参加居民医保的年度",
            Self::ProgrammeYears => "学制年数",
            Self::PaidAmount => "已缴金额",
            Self::YearsPaid => "已缴费的年度",
            Self::PricePaid => "每年已缴的金额",
            Self::What => "要查询或开具的内容",
            Self::TierAsked => "选择的缴费档次",
            Self::RepairYears => "要补缴的断保年数",
            Self::Causes => "费用是怎样发生的",
            Self::ContinuousYears => "连续参保的年数",
            Self::ZeroUseYears => "没有使用基金的年数",
            Self::FundOfYear => "各年度基金支付的金额",
        }
    }
}

/// A step that comes before the payment.
pub(super) const fn step(step: Step) -> &'static str {
    match step {
        Step::Registration => "参保登记",
        Step::SchoolRegistration => "学校参保登记",
        Step::SchoolDeclaration => "学校申报",
        Step::Declaration => "参保申报",
        Step::RegionChange => "变更参保地",
        Step::Assessment => "补缴核定",
        Step::FamilyLink => "家庭共济绑定",
        Step::IdentityUpdate => "身份信息更新",
    }
}

/// What a claim arose from.
pub(super) const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::WorkInjury => "应由工伤保险基金支付的费用",
        Cause::ThirdParty => "应由第三人负担的费用",
        Cause::PublicHealth => "应由公共卫生负担的费用",
        Cause::Abroad => "境外就医的费用",
        Cause::NotDesignated => "在非定点医疗机构就医的费用",
        Cause::ListedElsewhere => "国家和省规定不予支付的费用",
        Cause::Unpaid => "未缴费年度发生的费用",
    }
}
