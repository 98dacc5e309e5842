//! The Chinese words for what the format writes in English: facts, closed words, codes. One line for each.
//!
//! What a notice names itself (identities, windows, payers …) is told in its own words and stands nowhere here.

/// A code of the format and its words.
pub(crate) type Codes = &'static [(&'static str, &'static str)];

/// Days of the person: the point in time, and what is done on it.
pub(crate) const DAYS: &[(&str, &str, &str)] = &[
    ("birth", "出生之日", "出生"),
    ("employee_from", "职工医保待遇开始之日", "开始享受职工医保待遇"),
    ("employee_until", "职工医保停保之日", "停止参加职工医保"),
    ("paid", "缴费之日", "缴费"),
    ("arrived", "到账之日", "到账"),
    ("recognised", "身份认定之日", "认定"),
    ("confirmed", "医保确认之日", "经医保确认"),
    ("asked", "申请之日", "提出申请"),
    ("left", "学籍终止之日", "终止学籍"),
    ("success", "缴费成功之日", "缴费成功"),
    ("event", "情形发生之日", "发生该情形"),
    ("school_registered", "学校登记之日", "由学校登记"),
    ("registered", "参保登记之日", "办理参保登记"),
    ("died", "死亡之日", "死亡"),
    ("start", "待遇开始之日", "待遇开始"),
    ("cover-start", "参保年度首日", ""),
    ("cover-end", "参保年度末日", ""),
    ("certificate", "证件核发之日", "核发证件"),
    ("rated", "评定之日", "完成评定"),
];

/// Places of the person.
pub(crate) const PLACES: Codes = &[
    ("hukou", "户籍"),
    ("permit", "居住证"),
    ("house", "房屋执照"),
    ("parent_permit", "父母的居住证"),
    ("school", "就读学校"),
    ("record", "参保关系"),
];

/// What is or is not so: said when it is, and when it is not.
pub(crate) const FLAGS: &[(&str, &str, &str)] = &[
    ("works", "有工作单位", "无工作单位"),
    ("rural", "农村居民", "城镇居民"),
    ("retired", "已退休", "未退休"),
    ("employee_benefits", "享受职工医保待遇", "不享受职工医保待遇"),
    ("retirement_age", "已达退休年龄", "未达退休年龄"),
    ("full_time", "全日制", "非全日制"),
    ("enrolled_elsewhere", "同年已在别处参保", "同年未在别处参保"),
    ("cash", "现金缴费", "非现金缴费"),
    ("late", "逾期缴费", "按期缴费"),
    ("working_day", "缴费日是工作日", "缴费日不是工作日"),
    ("short", "缴费不足额", "缴费足额"),
    ("balance_covers", "个人账户余额足够", "个人账户余额不足"),
    ("emergency", "急诊、急救", "非急诊、急救"),
    ("confirmed", "经医保比对确认", "未经医保比对确认"),
    ("parent_insured", "父母已参保", "父母未参保"),
    ("poor", "同时认定为贫困", "未认定为贫困"),
];

/// Facts made of words the format knows: what stands before the words, and the words.
pub(crate) const CLOSED: &[(&str, &str, Codes)] = &[
    ("employee_scheme", "", EMPLOYEE_SCHEME),
    ("sex", "", SEX),
    ("unemployment", "", UNEMPLOYMENT),
    ("student", "", STUDENT),
    ("funds", "", FUNDS),
    ("kinship", "参保人是账户所有人的", KINSHIP),
    ("channel", "缴费渠道为", CHANNEL_KIND),
    ("done", "已办理", STEP),
    ("history", "", HISTORY),
];

/// Facts made of the notice's own words: what stands before the words and after them.
pub(crate) const DECLARED: &[(&str, &str, &str)] = &[
    ("identity", "", ""),
    ("who", "", ""),
    ("class", "", ""),
    ("tier", "选", ""),
    ("window", "按“", "”缴费"),
    ("option", "缴费项目选“", "”"),
    ("ground", "因“", "”申请"),
    ("papers", "出示", ""),
    ("kind", "属", ""),
];

/// Facts made of small numbers: what stands before the number and after it.
pub(crate) const COUNTS: &[(&str, &str, &str)] = &[
    ("missed", "断保", "年"),
    ("grade", "等级为", "级"),
    ("employee_months", "连续参加职工医保", "个月"),
    ("cover_year", "参保年度为", "年"),
];

const EMPLOYEE_SCHEME: Codes = &[
    ("never", "从未参加职工医保"),
    ("past", "曾参加职工医保"),
    ("in_scope", "应参加职工医保"),
    ("enrolled", "正参加职工医保"),
];

const SEX: Codes = &[("male", "男性"), ("female", "女性")];

const UNEMPLOYMENT: Codes =
    &[("none", "不领失业保险金"), ("drawing", "正在领取失业保险金"), ("ended", "失业保险金领取期满")];

const STUDENT: Codes = &[
    ("none", "不在校"),
    ("kindergarten", "在园儿童"),
    ("school", "中小学生"),
    ("vocational", "中专、技校学生"),
    ("college", "大中专院校学生"),
];

const FUNDS: Codes = &[("own", "自有资金缴费"), ("employee-account", "用职工医保个人账户缴费")];

const KINSHIP: Codes = &[
    ("self", "本人"),
    ("spouse", "配偶"),
    ("parent", "父母"),
    ("child", "子女"),
    ("sibling", "兄弟姐妹"),
    ("grandparent", "祖辈"),
    ("grandchild", "孙辈"),
    ("other", "非近亲属"),
];

pub(crate) const CHANNEL_KIND: Codes = &[
    ("wechat", "微信"),
    ("online", "网上和其他应用"),
    ("bank-app", "手机银行"),
    ("counter", "银行柜台和自助机"),
    ("tax-hall", "办税厅"),
    ("virtual-account", "单位集中申报"),
    ("family-account", "家庭共济"),
    ("device", "村居和网点设备"),
];

pub(crate) const STEP: Codes = &[
    ("registration", "参保登记"),
    ("school-registration", "学校集中登记"),
    ("school-declaration", "学校申报"),
    ("declaration", "本人申报"),
    ("region-change", "参保地变更"),
    ("assessment", "缴费金额核定"),
    ("family-link", "家庭共济绑定"),
    ("identity-update", "身份证件更新"),
];

const HISTORY: Codes = &[
    ("new", "首次参保"),
    ("renewing", "上年已参保"),
    ("switched", "上年参加职工医保"),
    ("broken", "曾参保而上年中断"),
];

pub(crate) const SUBMITTER: Codes = &[
    ("medical-insurance", "医保"),
    ("civil-affairs", "民政"),
    ("rural-revitalisation", "乡村振兴"),
    ("disabled-federation", "残联"),
    ("industry", "工信（改制办）"),
    ("veterans", "优抚（军人事务）"),
];

pub(crate) const CAUSE: Codes = &[
    ("work-injury", "应由工伤保险基金支付"),
    ("third-party", "应由第三人负担"),
    ("public-health", "应由公共卫生负担"),
    ("abroad", "境外就医"),
    ("not-designated", "非定点医疗机构就医"),
    ("listed-elsewhere", "国家和省另有规定不予支付"),
    ("unpaid", "未缴纳本年度费用"),
];

pub(crate) const REFUND_CAUSE: Codes = &[
    ("recognised", "缴费后认定身份"),
    ("left-school", "学生终止学籍"),
    ("requested", "个人要求退费"),
    ("died", "死亡"),
    ("employee-scheme", "参加职工医保"),
];

pub(crate) const PART: Codes = &[
    ("personal", "个人缴费"),
    ("government", "财政补助部分"),
    ("repair", "断保年度补缴"),
    ("arrears", "补缴欠费"),
    ("side", "附加险种"),
];

/// What a share is a share of beside the other parts; an amount or the name of a published figure may stand there as well.
pub(crate) const OF: Codes = &[
    ("personal", "个人缴费标准"),
    ("government_subsidy", "财政补助标准"),
    ("known-arrears", "本人以前年度欠缴的金额"),
];

pub(crate) const PRICE_PER: Codes =
    &[("missed-year", "每断保一年计一次"), ("month-left", "按剩余月数计，每月为全年的十二分之一")];

pub(crate) const ROUND: Codes = &[("up", "向上取整"), ("down", "向下取整"), ("half-up", "四舍五入")];

pub(crate) const FOR: Codes = &[("notice-year", "本年度"), ("birth-year", "出生当年"), ("any", "任一年度")];

pub(crate) const STAGE: Codes = &[("registration", "参保登记时"), ("payment", "缴费时")];

pub(crate) const WEIGHT: Codes = &[("refuse", "不予办理"), ("warn", "提示后可办理")];

pub(crate) const TAKE: Codes = &[
    ("highest", "符合几项的只取最高一项"),
    ("all", "符合几项的依次同享，以应缴金额为限"),
    ("not stated", "通知未写明如何资助"),
];

pub(crate) const SETTLED: Codes = &[("confirmed", "以医保确认之日视为缴费之日")];

pub(crate) const BOUND: Codes = &[("exactly", "按此月数"), ("at least", "不低于此月数")];

pub(crate) const ENDS: Codes = &[
    ("corresponding-day", "期满月的对应日当天起享受（月末截断）"),
    ("day-after", "期满月的对应日次日起享受"),
];

pub(crate) const COUNT_FROM: Codes = &[("any", "断保年度全部计入")];

pub(crate) const BACK: Codes = &[
    ("paid", "退还已缴费用"),
    ("aid", "退还资助额"),
    ("years-not-begun", "退还尚未开始的年度"),
    ("none", "不退"),
];

pub(crate) const REFUND_TO: Codes = &[("payer", "缴费人")];

pub(crate) const UNDECIDED: Codes = &[("not stated", "通知未写明"), ("a person must decide", "人工判断")];

pub(crate) const PER: Codes = &[
    ("continuous-year", "每连续参保一年"),
    ("zero-use-year", "每一个基金零报销年度"),
    ("re-entry", "断保后再次参保"),
    ("missed-year", "每断保一年"),
];

pub(crate) const LASTS: Codes = &[("kept", "以后年度一直保留"), ("next-year", "只提高次年")];

/// What becomes of the years that raised the cap.
pub(crate) const THEN: Codes = &[("kept", "已累计的年数保留"), ("cleared", "已累计的年数清零")];

pub(crate) const LAYER: Codes = &[("true", "仅供下级通知引用"), ("false", "单独适用")];

pub(crate) const DELAY_FROM: Codes = &[("success", "自缴费成功起")];

pub(crate) const SHOWS: Codes = &[
    ("date", "缴费日期"),
    ("amount", "金额"),
    ("treasury-date", "入库日期"),
    ("enrolment", "参保情况"),
    ("payment", "缴费情况"),
];

pub(crate) const COUNTED: Codes = &[("paid", "已缴费人数"), ("enrolled", "已参保人数")];

pub(crate) const SHARE_OF: Codes = &[("task-number", "上级下达的任务数"), ("residents", "居民人数")];

pub(crate) const PREPAID: Codes = &[("programme-years", "可一次缴清学制内各年度")];

pub(crate) const LOCKED: Codes = &[("true", "价格锁定为缴费时的标准"), ("false", "价格不锁定")];

pub(crate) const DECLARED_FOR: Codes =
    &[("true", "由名单部门代为申报，本人不需办理"), ("false", "本人自行缴费")];

pub(crate) const LATE: Codes = &[("true", "逾期（补缴）"), ("false", "按期")];

pub(crate) const LIMITED: Codes = &[("true", "受上限限制"), ("false", "不受上限限制")];
