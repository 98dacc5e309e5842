//! Generated people. Their numbers carry the division code 141199, which no place has, so no real number is made.

use canbao_proto::{
    common::{DocumentKind, IdentityDocument, ResidentReference, resident_reference::Reference},
    registration::{
        Circumstances, EmployeeScheme, RegisterResidentRequest, StudentKind, circumstances::History,
    },
    subsidy::{RosterLine, SubmitRosterRequest},
};
use canbao_types::{RequestId, check_character};

use crate::{DIVISION, YEAR, day};

/// Somebody who can be registered.
#[derive(Clone, Debug)]
pub struct Person {
    /// The identity number.
    pub number: String,
    /// The name.
    pub name: String,
    /// What rulings need to know.
    pub circumstances: Circumstances,
}

impl Person {
    /// The n-th person: an adult of 孝义 who was covered last year. Up to ten million of them differ.
    pub fn nth(n: u32) -> Self {
        let birth =
            19_500_101 + (n / 1_000 / 336) % 40 * 10_000 + (n / 1_000 / 28) % 12 * 100 + n / 1_000 % 28;
        Self::born(&birth.to_string(), n % 1_000)
    }

    /// A person born on a day such as "19800101", with a sequence number of up to three digits.
    pub fn born(birth: &str, sequence: u32) -> Self {
        let digits = format!("141199{birth}{sequence:03}");
        let check = check_character(&digits).unwrap_or('?');
        let circumstances = Circumstances {
            hukou_division: Some(DIVISION.to_owned()),
            employee_scheme: EmployeeScheme::Never.into(),
            enrolled_elsewhere: Some(false),
            student: StudentKind::None.into(),
            history: Some(History::LastCoveredYear(YEAR - 1)),
            ..Circumstances::default()
        };
        Self { number: format!("{digits}{check}"), name: "甲某".to_owned(), circumstances }
    }

    /// The person's document.
    pub fn document(&self) -> IdentityDocument {
        IdentityDocument { kind: DocumentKind::IdentityNumber.into(), number: self.number.clone() }
    }

    /// The person, named by document.
    pub fn reference(&self) -> Option<ResidentReference> {
        Some(ResidentReference { reference: Some(Reference::Document(self.document())) })
    }

    /// A request to register the person on a day, with a request id of its own.
    pub fn registration(&self, on: &str) -> RegisterResidentRequest {
        RegisterResidentRequest {
            request_id: RequestId::new().to_string(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            document: Some(self.document()),
            name: self.name.clone(),
            registered_on: day(on),
            circumstances: Some(self.circumstances.clone()),
            ..RegisterResidentRequest::default()
        }
    }

    /// A roster of the person alone, of whom an identity was recognised on a day, with a request id of its own.
    pub fn roster(&self, identity: &str, recognised_on: &str, submitted_on: &str) -> SubmitRosterRequest {
        let line = RosterLine {
            document: Some(self.document()),
            name: self.name.clone(),
            recognised_on: day(recognised_on),
            ..RosterLine::default()
        };
        SubmitRosterRequest {
            request_id: RequestId::new().to_string(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            identity: identity.to_owned(),
            submitted_on: day(submitted_on),
            lines: vec![line],
            declared_count: 1,
            ..SubmitRosterRequest::default()
        }
    }

    /// A request to pay for the person, with a request id and a transaction number of its own.
    pub fn payment(&self, yuan: &str, on: &str) -> canbao_proto::collection::PayContributionRequest {
        let request_id = RequestId::new().to_string();
        canbao_proto::collection::PayContributionRequest {
            resident: self.reference(),
            division: DIVISION.to_owned(),
            cover_year: YEAR,
            channel: "wechat".to_owned(),
            channel_transaction_id: request_id.clone(),
            amount: Some(canbao_proto::common::Money { yuan: yuan.to_owned() }),
            pay_date: day(on),
            request_id,
            ..Default::default()
        }
    }
}

/// A resident named by id.
pub fn reference(resident_id: &str) -> Option<ResidentReference> {
    Some(ResidentReference { reference: Some(Reference::ResidentId(resident_id.to_owned())) })
}
