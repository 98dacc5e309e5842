//! The words that stand in a season's files.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident,)* })*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$word_doc])* $word,)* })*
    };
}

words! {
    /// Who calls.
    Caller {
        /// 医疗保障局.
        MedicalInsurance,
        /// 税务局.
        Tax,
        /// 民政局.
        CivilAffairs,
        /// 乡村振兴发展中心.
        RuralRevitalisation,
        /// 残疾人联合会.
        DisabledFederation,
        /// 工科局(改制办).
        Industry,
        /// 退役军人事务局.
        Veterans,
        /// 学校.
        School,
    }
    /// A scheme of basic medical insurance.
    Scheme {
        /// 城乡居民基本医疗保险.
        Resident,
        /// 职工基本医疗保险.
        Employee,
    }
    /// How somebody stands to employee insurance.
    EmployeeScheme {
        /// Never in it and not in its scope.
        Never,
        /// Was in it and has left.
        Past,
        /// In its scope, enrolled or not.
        InScope,
        /// Enrolled in it now.
        Enrolled,
    }
    /// Whether and where somebody studies.
    Student {
        /// Not a student.
        None,
        /// 在园儿童.
        Kindergarten,
        /// 中小学生.
        School,
        /// 中等职业学校学生.
        Vocational,
        /// 高校学生.
        College,
    }
    /// 性别.
    Sex {
        /// 男.
        Male,
        /// 女.
        Female,
    }
    /// How somebody stands to unemployment benefit.
    Unemployment {
        /// Has none.
        None,
        /// Draws it now.
        Drawing,
        /// Drew it to its end.
        Ended,
    }
    /// How a payment is told.
    Way {
        /// Asked before the channel takes the money.
        Pay,
        /// Told after it took it.
        Report,
    }
    /// What is done about money to be given back.
    RefundWay {
        /// A student who left asks (离校退费).
        LeftSchool,
        /// The person asks for what was paid (本人申请退费).
        Requested,
        /// The same because the person died (死亡退费).
        Died,
        /// The same because the person takes part in the employee scheme (参加职工医保退费).
        EmployeeScheme,
        /// Money in suspense is given back (待查款退回).
        Suspense,
        /// Everything that is open is paid out.
        Payout,
    }
    /// Why a registration ends.
    EndCause {
        /// Died.
        Deceased,
        /// Took up employee insurance before anything was paid.
        EmployeeScheme,
        /// Should not have been registered.
        Mistake,
        /// Asked for by the person.
        Withdrawn,
    }
}

impl Caller {
    /// The name under which it calls.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MedicalInsurance => "medical-insurance",
            Self::Tax => "tax",
            Self::CivilAffairs => "civil-affairs",
            Self::RuralRevitalisation => "rural-revitalisation",
            Self::DisabledFederation => "disabled-federation",
            Self::Industry => "industry",
            Self::Veterans => "veterans",
            Self::School => "school",
        }
    }
}

/// The years of insurance before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LastCovered {
    /// 首次参保.
    Never,
    /// The last coverage year.
    Year(i32),
}

impl TryFrom<String> for LastCovered {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "never" => Ok(Self::Never),
            year => year.parse().map(Self::Year).map_err(|_| "a year or `never`"),
        }
    }
}

impl From<LastCovered> for String {
    fn from(last: LastCovered) -> Self {
        match last {
            LastCovered::Never => "never".to_owned(),
            LastCovered::Year(year) => year.to_string(),
        }
    }
}

/// Amounts as exact text, such as `400.00`.
pub(super) mod money {
    use canbao_types::Money;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(amount: &Money, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Money, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }

    pub mod optional {
        use super::*;

        pub fn serialize<S: Serializer>(amount: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
            match amount {
                Some(amount) => to.collect_str(amount),
                None => to.serialize_none(),
            }
        }

        pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
            let text = Option::<String>::deserialize(from)?;
            text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
        }
    }
}
