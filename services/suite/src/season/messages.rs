//! From a season's files to the wire.

use canbao_proto::{
    collection::{FamilyAccount, PayContributionRequest, StatementLine},
    common::{self, DocumentKind, IdentityDocument, ResidentReference, resident_reference::Reference},
    google, registration as registered, subsidy, wire,
};
use canbao_types::{Date, RequestId};

use super::{
    files::{CoverLine, PaymentLine, Plan, ResidentLine, RosterLine},
    words::{EmployeeScheme, EndCause, LastCovered, Scheme, Sex, Student, Unemployment},
};

/// The characters of an identity number; a number of another length is a birth certificate's.
const IDENTITY_NUMBER: usize = 18;

/// What a column says that is known to have nothing in it.
const NONE: &str = "none";

pub(super) fn request_id() -> String {
    RequestId::new().to_string()
}

pub(super) fn day(day: Option<Date>) -> Option<google::Date> {
    day.map(wire::date)
}

/// The person's number is that of a birth certificate.
pub(super) fn has_certificate(person: &str) -> bool {
    person.chars().count() != IDENTITY_NUMBER
}

pub(super) fn document(person: &str) -> Option<IdentityDocument> {
    let kind =
        if has_certificate(person) { DocumentKind::BirthCertificate } else { DocumentKind::IdentityNumber };
    Some(IdentityDocument { kind: kind.into(), number: person.to_owned() })
}

pub(super) fn reference(person: &str) -> Option<ResidentReference> {
    document(person).map(|document| ResidentReference { reference: Some(Reference::Document(document)) })
}

pub(super) fn by_id(resident_id: &str) -> Option<ResidentReference> {
    Some(ResidentReference { reference: Some(Reference::ResidentId(resident_id.to_owned())) })
}

pub(super) fn registration(plan: &Plan, line: &ResidentLine) -> registered::RegisterResidentRequest {
    registered::RegisterResidentRequest {
        request_id: request_id(),
        after: Vec::new(),
        division: plan.division.clone(),
        cover_year: plan.cover_year,
        document: document(&line.person),
        name: line.name.clone(),
        birth_date: day(line.birth),
        registered_on: day(Some(line.day)),
        circumstances: Some(circumstances(line)),
        township: line.township.clone().unwrap_or_default(),
    }
}

pub(super) fn roster_person(line: &ResidentLine) -> registered::RosterPerson {
    registered::RosterPerson {
        document: document(&line.person),
        name: line.name.clone(),
        birth_date: day(line.birth),
        circumstances: Some(circumstances(line)),
        township: line.township.clone().unwrap_or_default(),
    }
}

fn circumstances(line: &ResidentLine) -> registered::Circumstances {
    use registered::circumstances::History;
    let departure = line
        .departure
        .as_ref()
        .map(|kind| registered::Departure { kind: kind.clone(), left_on: day(line.left_on) });
    let history = line.last_covered.map(|last| match last {
        LastCovered::Never => History::NeverCovered(true),
        LastCovered::Year(year) => History::LastCoveredYear(year),
    });
    registered::Circumstances {
        hukou_division: line.hukou.clone(),
        employee_scheme: line
            .employee_scheme
            .map_or(registered::EmployeeScheme::Unspecified, employee_scheme)
            .into(),
        enrolled_elsewhere: line.enrolled_elsewhere,
        student: line.student.map_or(registered::StudentKind::Unspecified, student).into(),
        history,
        permit_division: line.permit.clone(),
        record_division: line.record.clone(),
        programme_years: line.programme_years,
        employee_from: day(line.employee_from),
        employee_until: day(line.employee_until),
        departures: departure.into_iter().collect(),
        works: line.works,
        rural: line.rural,
        retired: line.retired,
        employee_benefits: line.employee_benefits,
        retirement_age: line.retirement_age,
        unemployment: line
            .unemployment
            .map_or(registered::UnemploymentBenefit::Unspecified, unemployment)
            .into(),
        house_division: line.house.clone(),
        parent_permit_division: line.parent_permit.clone(),
        school_division: line.school.clone(),
        full_time: line.full_time,
        papers: line.papers.as_deref().map(papers),
        // Of a registration made by a school it is that day.
        school_registered_on: None,
        sex: line.sex.map_or(registered::Sex::Unspecified, sex).into(),
        parent_insured: line.parent_insured,
        employee_months: line.employee_months,
        known_arrears: line.known_arrears.map(wire::money),
    }
}

fn papers(words: &str) -> registered::Papers {
    let shown = if words == NONE { Vec::new() } else { words.split('、').map(str::to_owned).collect() };
    registered::Papers { shown }
}

const fn employee_scheme(scheme: EmployeeScheme) -> registered::EmployeeScheme {
    match scheme {
        EmployeeScheme::Never => registered::EmployeeScheme::Never,
        EmployeeScheme::Past => registered::EmployeeScheme::Past,
        EmployeeScheme::InScope => registered::EmployeeScheme::InScope,
        EmployeeScheme::Enrolled => registered::EmployeeScheme::Enrolled,
    }
}

const fn sex(sex: Sex) -> registered::Sex {
    match sex {
        Sex::Male => registered::Sex::Male,
        Sex::Female => registered::Sex::Female,
    }
}

const fn student(student: Student) -> registered::StudentKind {
    match student {
        Student::None => registered::StudentKind::None,
        Student::Kindergarten => registered::StudentKind::Kindergarten,
        Student::School => registered::StudentKind::School,
        Student::Vocational => registered::StudentKind::Vocational,
        Student::College => registered::StudentKind::College,
    }
}

const fn unemployment(unemployment: Unemployment) -> registered::UnemploymentBenefit {
    match unemployment {
        Unemployment::None => registered::UnemploymentBenefit::None,
        Unemployment::Drawing => registered::UnemploymentBenefit::Drawing,
        Unemployment::Ended => registered::UnemploymentBenefit::Ended,
    }
}

pub(super) const fn end_cause(cause: EndCause) -> registered::EndCause {
    match cause {
        EndCause::Deceased => registered::EndCause::Deceased,
        EndCause::EmployeeScheme => registered::EndCause::EmployeeScheme,
        EndCause::Mistake => registered::EndCause::Mistake,
        EndCause::Withdrawn => registered::EndCause::Withdrawn,
    }
}

pub(super) fn cover(line: &CoverLine) -> registered::CoverLine {
    let scheme = match line.scheme {
        Scheme::Resident => registered::Scheme::Resident,
        Scheme::Employee => registered::Scheme::Employee,
    };
    let cover = registered::Cover {
        scheme: scheme.into(),
        from: day(Some(line.from)),
        to: day(line.to),
        departure: line.departure.clone().unwrap_or_default(),
    };
    registered::CoverLine { document: document(&line.person), cover: Some(cover) }
}

pub(super) fn roster_line(line: &RosterLine) -> subsidy::RosterLine {
    subsidy::RosterLine {
        document: document(&line.person),
        name: line.name.clone(),
        recognised_on: day(Some(line.recognised)),
        certificate_on: day(line.certificate),
        rated_on: day(line.rated),
        kind: line.kind.clone().unwrap_or_default(),
        grade: line.grade,
        ended_on: day(line.ended),
        poor: line.poor,
    }
}

fn family_account(line: &PaymentLine) -> Option<FamilyAccount> {
    let linked = line.linked.unwrap_or_default();
    let balance = line.balance.map(wire::money);
    line.kinship.as_ref().map(|kinship| FamilyAccount { kinship: kinship.clone(), linked, balance })
}

fn money(line: &PaymentLine) -> Option<common::Money> {
    Some(wire::money(line.amount))
}

pub(super) fn payment(plan: &Plan, line: &PaymentLine) -> PayContributionRequest {
    PayContributionRequest {
        request_id: request_id(),
        after: Vec::new(),
        resident: reference(&line.person),
        division: plan.division.clone(),
        cover_year: plan.cover_year,
        channel: line.channel.clone(),
        channel_transaction_id: line.transaction.clone(),
        amount: money(line),
        pay_date: day(Some(line.paid_on())),
        cash: line.cash,
        confirmed_warning: line.confirmed.unwrap_or_default(),
        payable_item: line.item.clone().unwrap_or_default(),
        years: line.years.unwrap_or_default(),
        family_account: family_account(line),
        agent: line.agent.clone().unwrap_or_default(),
        tier: line.tier.clone().unwrap_or_default(),
        repair_years: line.repair_years.unwrap_or_default(),
        arrive_date: day(line.arrive_date),
    }
}

pub(super) fn statement_line(plan: &Plan, line: &PaymentLine) -> StatementLine {
    StatementLine {
        channel_transaction_id: line.transaction.clone(),
        resident: reference(&line.person),
        cover_year: plan.cover_year,
        amount: money(line),
        pay_date: day(Some(line.paid_on())),
        cash: line.cash,
        payable_item: line.item.clone().unwrap_or_default(),
        years: line.years.unwrap_or_default(),
        family_account: family_account(line),
        tier: line.tier.clone().unwrap_or_default(),
        repair_years: line.repair_years.unwrap_or_default(),
        arrive_date: day(line.arrive_date),
    }
}
