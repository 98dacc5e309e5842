//! The closed words a fact may take. A notice may add words only where it declares them (identities, classes,
//! windows, event kinds, options, papers, grounds); everything here is the same for every notice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares an enumeration whose variants have one stable text each, used in notices, in cases and on the wire.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$note])* #[serde(rename = $code)] $variant,)+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Every word's text, in the same order.
            pub(crate) const CODES: &'static [&'static str] = &[$($code,)+];

            /// The stable text of the word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                Self::CODES[self as usize]
            }

            /// The word of a text, if it is one.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::CODES.iter().position(|known| *known == code).map(|at| Self::ALL[at])
            }

            /// The bit that stands for the word in a compiled condition.
            #[allow(dead_code, reason = "conditions are not made of every word")]
            pub(crate) const fn bit(self) -> u64 {
                1 << self as u32
            }
        }
    };
}

words! {
    /// Where a person stands towards the employee scheme (职工基本医疗保险).
    EmployeeScheme {
        /// Never took part in it.
        Never = "never",
        /// Took part once; `employee_until` says until when.
        Past = "past",
        /// Should take part (应参保), whether enrolled or not.
        InScope = "in_scope",
        /// Takes part now.
        Enrolled = "enrolled",
    }
}

words! {
    /// Sex (性别), where an age depends on it.
    Sex {
        /// 男
        Male = "male",
        /// 女
        Female = "female",
    }
}

words! {
    /// Unemployment benefit (失业保险金).
    Unemployment {
        /// Has none.
        None = "none",
        /// Draws it now.
        Drawing = "drawing",
        /// Drew it to its end.
        Ended = "ended",
    }
}

words! {
    /// The kind of school a person attends.
    Student {
        /// None.
        None = "none",
        /// Kindergarten (幼儿园).
        Kindergarten = "kindergarten",
        /// Primary or middle school (中小学).
        School = "school",
        /// Vocational school (中专、技校).
        Vocational = "vocational",
        /// College or university (高校).
        College = "college",
    }
}

words! {
    /// Whose money pays.
    Funds {
        /// The payer's own.
        Own = "own",
        /// The employee scheme's personal account of a relative (家庭共济).
        EmployeeAccount = "employee-account",
    }
}

words! {
    /// What the insured person is to the one whose account pays.
    Kinship {
        /// The same person.
        Myself = "self",
        /// Spouse.
        Spouse = "spouse",
        /// Parent.
        Parent = "parent",
        /// Child.
        Child = "child",
        /// Brother or sister.
        Sibling = "sibling",
        /// Grandparent.
        Grandparent = "grandparent",
        /// Grandchild.
        Grandchild = "grandchild",
        /// No near relative; also written "friend".
        #[serde(alias = "friend")]
        Other = "other",
    }
}

words! {
    /// The kind of payment channel (缴费渠道).
    ChannelKind {
        /// The tax bureau's service in WeChat (微信).
        Wechat = "wechat",
        /// Other applications and the electronic tax bureau.
        Online = "online",
        /// A bank's mobile application (手机银行).
        BankApp = "bank-app",
        /// A bank's counter or machine (柜台、自助机).
        Counter = "counter",
        /// A tax hall (办税厅).
        TaxHall = "tax-hall",
        /// A declaration for many people at once (虚拟户).
        VirtualAccount = "virtual-account",
        /// Sharing of the employee scheme's account within a family (家庭共济).
        FamilyAccount = "family-account",
        /// A device in a village or shop.
        Device = "device",
    }
}

words! {
    /// A step already completed before the payment.
    Step {
        /// Registered (参保登记).
        Registration = "registration",
        /// Registered by the school.
        SchoolRegistration = "school-registration",
        /// Declared by the school (申报).
        SchoolDeclaration = "school-declaration",
        /// Declared by the person.
        Declaration = "declaration",
        /// The place of enrolment was changed (参保信息变更).
        RegionChange = "region-change",
        /// Medical insurance assessed the late amount (核定).
        Assessment = "assessment",
        /// The relative was added to the family account (家庭共济成员).
        FamilyLink = "family-link",
        /// A newborn's identity was changed from the birth certificate to the household register (身份信息更新).
        IdentityUpdate = "identity-update",
    }
}

impl EmployeeScheme {
    /// Who was never in it, and who is in it now, has no last day there.
    pub(crate) fn has_no_last_day(self) -> bool {
        matches!(self, Self::Never | Self::Enrolled)
    }
}

words! {
    /// A department that submits a list of people with an identity, as the contracts name their callers.
    Submitter {
        /// Medical insurance (医疗保障局).
        MedicalInsurance = "medical-insurance",
        /// Civil affairs (民政局).
        CivilAffairs = "civil-affairs",
        /// Rural revitalisation (乡村振兴发展中心).
        RuralRevitalisation = "rural-revitalisation",
        /// The federation of disabled people (残联).
        DisabledFederation = "disabled-federation",
        /// Industry and science (工科局).
        Industry = "industry",
        /// Veterans affairs (退役军人事务局).
        Veterans = "veterans",
    }
}

words! {
    /// Why a claim may not be the fund's (不予支付).
    Cause {
        /// The work injury insurance fund pays (工伤保险基金).
        WorkInjury = "work-injury",
        /// Somebody else has to bear it (第三人).
        ThirdParty = "third-party",
        /// Public health pays (公共卫生).
        PublicHealth = "public-health",
        /// Care abroad, Hong Kong, Macao and Taiwan included (境外就医).
        Abroad = "abroad",
        /// An institution that is not designated (非定点医疗机构).
        NotDesignated = "not-designated",
        /// A rule of state or province that the notice only points to.
        ListedElsewhere = "listed-elsewhere",
        /// No contribution was paid for the year.
        Unpaid = "unpaid",
    }
}

words! {
    /// Why money is given back, in the words of the suite; a notice says which of its grounds each is.
    RefundCause {
        /// An identity was recognised after the person had paid.
        Recognised = "recognised",
        /// A student left school (离校).
        LeftSchool = "left-school",
        /// The person asks for it (申请退费), whatever the reason.
        Requested = "requested",
        /// The person died (死亡).
        Died = "died",
        /// The person takes part in the employee scheme (参加职工医保).
        EmployeeScheme = "employee-scheme",
    }
}

impl RefundCause {
    /// Whether a refund row that asks for no ground speaks of the cause too. One about giving back what was paid does not
    /// say what becomes of aid, nor of the years a student has paid for in advance.
    pub(crate) const fn needs_no_ground(self) -> bool {
        match self {
            Self::Recognised | Self::LeftSchool => false,
            Self::Requested | Self::Died | Self::EmployeeScheme => true,
        }
    }
}

words! {
    /// How this coverage year follows the person's earlier ones (参保连续性).
    History {
        /// Never covered before.
        New = "new",
        /// Covered last year in the resident scheme.
        Renewing = "renewing",
        /// Covered last year in the employee scheme.
        Switched = "switched",
        /// Covered once, not last year (断保).
        Broken = "broken",
    }
}

words! {
    /// What an explanation is about.
    About {
        /// A fact that must be given first (信息不全).
        Missing = "missing",
        /// Why it is not granted, and what to do (不予办理).
        Refusal = "refusal",
        /// What must be said before money is taken.
        Warning = "warning",
        /// What the person owes (应缴).
        Due = "due",
        /// The part that others pay (资助参保).
        Aid = "aid",
        /// Further aid that is not taken.
        AidLost = "aid-lost",
        /// The window (缴费期).
        Window = "window",
        /// A window of the person's own that is over.
        PastWindow = "past-window",
        /// The first day of benefit (待遇享受期).
        Start = "start",
        /// The wait (待遇等待期).
        Wait = "wait",
        /// That there is no wait (不设等待期).
        Exemption = "exemption",
        /// The last day of benefit.
        End = "end",
        /// Missed years paid after all (缴费修复).
        Repair = "repair",
        /// The class (人员类别).
        Class = "class",
        /// The tier (档次).
        Tier = "tier",
        /// The payable item (缴费年限).
        PayableItem = "payable-item",
        /// An identity (身份) and whether it counts.
        Identity = "identity",
        /// A settlement without a payment.
        Settlement = "settlement",
        /// Several years in one payment.
        SeveralYears = "several-years",
        /// What others must have done by a day.
        Duty = "duty",
        /// What may be bought along.
        Product = "product",
        /// That the person may take part (参保条件).
        Eligibility = "eligibility",
        /// How to register (参保登记).
        Route = "route",
        /// What is given back (退费).
        Refund = "refund",
        /// When a payment can be seen (查询、证明).
        Delay = "delay",
        /// What government pays (财政补助).
        GovernmentSubsidy = "government-subsidy",
        /// A target (工作目标).
        Target = "target",
        /// The cap (大病保险最高支付限额).
        Cap = "cap",
        /// What is not the fund's to pay (不予支付).
        Exclusion = "exclusion",
        /// What may be drawn (待遇项目).
        Entitlement = "entitlement",
        /// Where one may pay (缴费渠道).
        Channel = "channel",
    }
}
