//! The contract of registration: parse; read, decide, write, tell; show.

use std::{mem::take, sync::Arc};

use canbao_host::{Caller, Department, Failure, SealingKey, once, status, tell, wait_for};
use canbao_policy::Notices;
use canbao_proto::{
    facts, registration as wire_api,
    registration::{
        Circumstances, GetResidentRequest, GetResidentResponse, RegisterResidentRequest,
        RegisterResidentResponse, Registration as Shown, RegistrationStatus, ResidentRegistered,
        registration_service_server::RegistrationService,
    },
    wire::{self, After, Malformed, Resident},
};
use canbao_store::Unit;
use canbao_types::{Date, Document, Name, PersonKey, RequestId, ResidentId, SuiteKey};
use prost::Message;
use tonic::{Request, Response, Status};

use crate::{
    NAME,
    refusal::Refusal,
    registration::{self, Application, Known},
    store::{self, ResidentRow},
};

/// The service.
pub(crate) struct Registration {
    department: Department,
    notices: Arc<Notices>,
    sealing: SealingKey,
}

/// An application with everything that is made before it is queued: keys, seals, a new id in case it is needed.
struct Draft {
    application: Application,
    circumstances: Circumstances,
    birth: Date,
    id_if_new: ResidentId,
    person_key: PersonKey,
    sealed_document: Vec<u8>,
    sealed_name: Vec<u8>,
    masked_number: String,
    today: Date,
}

impl Registration {
    pub(crate) fn new(department: Department, notices: Notices, sealing: SealingKey) -> Self {
        Self { department, notices: Arc::new(notices), sealing }
    }

    /// Seals the document and the name for the resident they belong to.
    fn draft(&self, parsed: Parsed) -> Result<Draft, Failure> {
        let Parsed { application, circumstances, birth, document, name, person_key, .. } = parsed;
        let fault = |error: std::io::Error| Failure::Fault(error.to_string());
        let place = person_key.as_bytes();
        let number = format!("{} {}", document.kind(), document.expose());
        Ok(Draft {
            application,
            circumstances,
            birth,
            id_if_new: ResidentId::new(),
            person_key,
            sealed_document: self.sealing.seal(place, &number).map_err(fault)?,
            sealed_name: self.sealing.seal(place, name.expose()).map_err(fault)?,
            masked_number: document.masked(),
            today: self.department.clock.today(),
        })
    }

    async fn resident(&self, request: GetResidentRequest) -> Result<GetResidentResponse, Status> {
        let mut wrong = Malformed::default();
        let after = wrong.after(&request.after);
        let key = &self.department.secrets.suite_key;
        let resident = wrong.resident("resident", request.resident.as_ref(), key);
        let (Some(resident), true) = (resident, wrong.is_empty()) else { return Err(wrong.status()) };
        wait_for(&self.department, &after).await.map_err(status)?;
        self.department
            .store
            .read(|view| {
                let id = match resident {
                    Resident::Id(id) => Some(id),
                    Resident::Key(key) => store::by_key(view, &key)?.map(|(id, _)| id),
                };
                let id = id.ok_or(Refusal::UnknownResident)?;
                let masked_number = store::masked_number(view, id)?.ok_or(Refusal::UnknownResident)?;
                let rows = store::registrations(view, id)?;
                let registrations = rows.into_iter().map(|row| show(&row)).collect::<Result<_, Failure>>()?;
                Ok(GetResidentResponse {
                    resident_id: id.to_string(),
                    masked_number,
                    registrations,
                    ..GetResidentResponse::default()
                })
            })
            .map_err(status)
    }
}

#[tonic::async_trait]
impl RegistrationService for Registration {
    async fn register_resident(
        &self,
        request: Request<RegisterResidentRequest>,
    ) -> Result<Response<RegisterResidentResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let mut request = request.into_inner();
        let id = take(&mut request.request_id);
        let parsed = Parsed::read(&id, &request, &self.department.secrets.suite_key)?;
        let request_id = parsed.request_id;
        wait_for(&self.department, &parsed.after).await.map_err(status)?;
        let draft = self.draft(parsed).map_err(status)?;
        let notices = self.notices.clone();
        once(&self.department, &caller, ("RegisterResident", request_id, &request), 1, move |unit| {
            register(unit, &draft, &notices)
        })
        .await
    }

    async fn get_resident(
        &self,
        request: Request<GetResidentRequest>,
    ) -> Result<Response<GetResidentResponse>, Status> {
        self.resident(request.into_inner()).await.map(Response::new)
    }

    async fn register_roster(
        &self,
        _: Request<wire_api::RegisterRosterRequest>,
    ) -> Result<Response<wire_api::RegisterRosterResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn move_registration(
        &self,
        _: Request<wire_api::MoveRegistrationRequest>,
    ) -> Result<Response<wire_api::MoveRegistrationResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn change_document(
        &self,
        _: Request<wire_api::ChangeDocumentRequest>,
    ) -> Result<Response<wire_api::ChangeDocumentResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn end_registration(
        &self,
        _: Request<wire_api::EndRegistrationRequest>,
    ) -> Result<Response<wire_api::EndRegistrationResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn assess_late_payment(
        &self,
        _: Request<wire_api::AssessLatePaymentRequest>,
    ) -> Result<Response<wire_api::AssessLatePaymentResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn record_cover(
        &self,
        _: Request<wire_api::RecordCoverRequest>,
    ) -> Result<Response<wire_api::RecordCoverResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn list_registrations(
        &self,
        _: Request<wire_api::ListRegistrationsRequest>,
    ) -> Result<Response<wire_api::ListRegistrationsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }

    async fn get_registration_counts(
        &self,
        _: Request<wire_api::GetRegistrationCountsRequest>,
    ) -> Result<Response<wire_api::GetRegistrationCountsResponse>, Status> {
        Err(Status::unimplemented("not yet"))
    }
}

/// The unit of work of a registration.
fn register(unit: &mut Unit, draft: &Draft, notices: &Notices) -> Result<RegisterResidentResponse, Failure> {
    let application = &draft.application;
    let (division, year) = (application.division, application.cover_year);
    let resident = store::by_key(unit, &draft.person_key)?;
    let known = match resident {
        None => Known::default(),
        Some((id, name_key)) => {
            Known { name_key: Some(name_key), divisions: store::divisions(unit, id, year)? }
        }
    };
    let ruling = registration::decide(application, &known, notices.find(division, year), draft.today)?;

    let id = resident.map_or(draft.id_if_new, |(id, _)| id);
    if resident.is_none() {
        let row = ResidentRow {
            id,
            person_key: draft.person_key,
            name_key: application.name_key,
            sealed_document: &draft.sealed_document,
            sealed_name: &draft.sealed_name,
            masked_number: &draft.masked_number,
            birth: draft.birth,
        };
        store::insert_resident(unit, &row)?;
    }
    let class = ruling.class.as_ref().map(|class| class.value.to_string()).unwrap_or_default();
    let shown = Shown {
        cover_year: year.get().into(),
        division: division.to_string(),
        class: class.clone(),
        grounds: ruling.grounds.iter().map(|ground| ground.value.to_string()).collect(),
        registered_on: Some(wire::date(application.registered_on)),
        status: RegistrationStatus::Registered.into(),
        citations: wire::citations(ruling.citations().as_slice()),
        benefits_from: None,
        benefits_to: None,
        ..Shown::default()
    };
    let when = (class.as_str(), application.registered_on);
    store::insert_registration(unit, (division, year, id), when, &shown.encode_to_vec())?;
    let registered = ResidentRegistered {
        resident_id: id.as_bytes().to_vec(),
        person_key: draft.person_key.as_bytes().to_vec(),
        name_key: application.name_key.as_bytes().to_vec(),
        cover_year: year.get().into(),
        class,
        birth_date: Some(wire::date(draft.birth)),
        registered_on: Some(wire::date(application.registered_on)),
        circumstances: Some(draft.circumstances.clone()),
        ..ResidentRegistered::default()
    };
    let position = tell(unit, division, &registered)?;
    Ok(RegisterResidentResponse {
        resident_id: id.to_string(),
        registration: Some(shown),
        position: Some(wire::position(NAME, position)),
    })
}

/// A registration as it stands now.
fn show(row: &store::RegistrationRow) -> Result<Shown, Failure> {
    let shown = Shown::decode(row.registration.as_slice());
    let mut shown = shown.map_err(|error| Failure::Fault(format!("a stored registration: {error}")))?;
    if row.settled {
        shown.set_status(RegistrationStatus::Insured);
    }
    shown.benefits_from = row.benefits.map(|(from, _)| wire::date(from));
    shown.benefits_to = row.benefits.map(|(_, to)| wire::date(to));
    Ok(shown)
}

/// A request to register, well-formed.
struct Parsed {
    request_id: RequestId,
    after: Vec<After>,
    application: Application,
    circumstances: Circumstances,
    birth: Date,
    document: Document,
    name: Name,
    person_key: PersonKey,
}

impl Parsed {
    fn read(id: &str, request: &RegisterResidentRequest, key: &SuiteKey) -> Result<Self, Status> {
        let mut wrong = Malformed::default();
        let request_id = wrong.request_id("request_id", id);
        let after = wrong.after(&request.after);
        let division = wrong.division("division", &request.division);
        let cover_year = wrong.cover_year("cover_year", request.cover_year);
        let document = wrong.document("document", request.document.as_ref());
        let name = Name::parse(&request.name).map_err(|problem| wrong.note("name", problem)).ok();
        let birth = document.as_ref().and_then(|document| birth(&mut wrong, document, request));
        let registered_on = wrong.date("registered_on", request.registered_on);
        if birth.zip(registered_on).is_some_and(|(birth, registered_on)| birth > registered_on) {
            wrong.note("document.number", "is of somebody who was born after the registration");
        }
        let circumstances = request.circumstances.clone().unwrap_or_default();
        let facts = division.zip(cover_year).zip(birth).map(|((division, year), birth)| {
            facts(&mut wrong, "circumstances", &circumstances, (division, year, birth))
        });
        let (
            Some(request_id),
            Some(division),
            Some(cover_year),
            Some(document),
            Some(name),
            Some(birth),
            Some(registered_on),
            Some(facts),
            true,
        ) = (request_id, division, cover_year, document, name, birth, registered_on, facts, wrong.is_empty())
        else {
            return Err(wrong.status());
        };
        let person_key = key.person_key(&document);
        let name_key = key.name_key(&document, &name);
        let application = Application { division, cover_year, name_key, registered_on, facts };
        Ok(Self { request_id, after, application, circumstances, birth, document, name, person_key })
    }
}

/// The birth date stands in an identity number; with a birth certificate it must be given.
fn birth(wrong: &mut Malformed, document: &Document, request: &RegisterResidentRequest) -> Option<Date> {
    match document.identity_number() {
        None => wrong.date("birth_date", request.birth_date),
        Some(number) => {
            let given = request.birth_date.and_then(|date| wrong.date("birth_date", Some(date)));
            if given.is_some_and(|given| given != number.birth()) {
                wrong.note("birth_date", "is not the one in the number");
            }
            Some(number.birth())
        }
    }
}
