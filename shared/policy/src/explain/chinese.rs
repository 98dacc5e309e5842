//! The Chinese of what is the same for every notice: days, amounts, facts, steps, causes.

pub(super) use crate::chinese::{day, yuan};
use crate::fact::Fact;
use crate::words::{Cause, Step};

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
pub(crate) fn length(months: u32, days: u32) -> String {
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

/// Names every fact, and fails to compile where one has no name.
macro_rules! names {
    ($($($fact:ident)|+ = $name:literal,)+) => {
        impl Fact {
            /// The name by which a citizen is asked for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$fact)|+ => $name,)+ }
            }
        }
    };
}

names! {
    Birth = "出生日期",
    Arrears = "以前年度欠缴的金额",
    YearsOfCap = "各年度参保和使用基金的情况",
    EmployeeFrom = "开始享受职工医保待遇的日期",
    EmployeeUntil = "职工医保参保到哪天",
    Paid = "缴费日期",
    Arrived = "费用到账日期",
    Recognised | IdentityRecognised = "身份认定日期",
    Confirmed = "医保确认日期",
    Asked = "申请退费的日期",
    Left = "离开学校的日期",
    Success = "缴费成功日期",
    Event = "有无离开其他医疗保障等变动（及日期）",
    SchoolRegistered = "学校登记日期",
    Start = "待遇开始日期",
    Registered = "登记日期",
    Died = "死亡日期",
    EmployeeMonths = "参加职工医保的月数",
    Sex = "性别",
    ParentInsured = "父母是否参保",
    IdentityCertificate = "证件的发证日期",
    IdentityRated = "等级评定日期",
    Hukou = "户籍所在地",
    Permit = "居住证所在地（或没有居住证）",
    House = "房屋执照所在地（或没有房屋执照）",
    ParentPermit = "父母居住证所在地（或没有居住证）",
    School = "学校所在地",
    Record = "参保登记所在地",
    EmployeeScheme = "是否参加职工医保",
    Unemployment = "是否领取失业保险金",
    Student = "就读学校的类别（或没有上学）",
    Funds = "用谁的资金缴费",
    Kinship = "与账户所有人的亲属关系",
    Channel = "缴费渠道",
    Option = "选择的缴费项目",
    Ground = "退费原因",
    Identity = "是否在民政等部门的名单上",
    Done = "已经办理的手续",
    Papers = "已经提供的材料",
    Works = "有无用人单位",
    Rural = "是否农村居民",
    Retired = "是否退休",
    EmployeeBenefits = "是否享受职工医保待遇",
    RetirementAge = "是否达到退休年龄",
    FullTime = "是否全日制学生",
    EnrolledElsewhere = "是否已在其他地方参保",
    Cash = "是否用现金缴费",
    History = "以前各年的参保情况",
    Missed = "断保的年数",
    Class = "人员类别",
    Tier = "缴费档次",
    Window = "缴费期",
    Late = "是否补缴",
    Who = "人员情况",
    WorkingDay = "是否工作日",
    Short = "是否足额缴费",
    BalanceCovers | Balance = "个人账户余额",
    Emergency = "是否急诊、急救",
    IdentityConfirmed = "身份是否经医保确认",
    IdentityGrade = "身份的等级",
    IdentityPoor = "是否认定为贫困",
    IdentityKind = "身份的具体类别",
    CoverYear = "参保年度",
    LastCovered = "最近一次参加居民医保的年度",
    ProgrammeYears = "学制年数",
    PaidAmount = "已缴金额",
    YearsPaid = "已缴费的年度",
    PricePaid = "每年已缴的金额",
    What = "要查询或开具的内容",
    TierAsked = "选择的缴费档次",
    RepairYears = "要补缴的断保年数",
    Causes = "费用是怎样发生的",
    ContinuousYears = "连续参保的年数",
    ZeroUseYears = "没有使用基金的年数",
    FundOfYear = "各年度基金支付的金额",
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
