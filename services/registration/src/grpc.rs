//! The contract of registration: parse; read, decide, write, tell; show.

use std::{collections::BTreeMap, mem::take, sync::Arc};

use canbao_host::{Caller, Department, Failure, SealingKey, entered, once, status, wait_for};
use canbao_policy::{Notice, Notices};
use canbao_proto::{
    registration::{
        AssessLatePaymentRequest, AssessLatePaymentResponse, ChangeDocumentRequest, ChangeDocumentResponse,
        EndRegistrationRequest, EndRegistrationResponse, GetRegistrationCountsRequest,
        GetRegistrationCountsResponse, GetResidentRequest, GetResidentResponse, ListRegistrationsRequest,
        ListRegistrationsResponse, MoveRegistrationRequest, MoveRegistrationResponse, RecordCoverRequest,
        RecordCoverResponse, RegisterResidentRequest, RegisterResidentResponse, RegisterRosterRequest,
        RegisterRosterResponse, registration_service_server::RegistrationService,
    },
    rules,
    wire::{self, Malformed, Resident},
};
use canbao_store::{StoreError, View};
use canbao_types::{Date, Document, IdentityNumber, Name, NameKey, PersonKey, ResidentId};
use tonic::{Request, Response, Status};

use crate::{
    parse::{self, Person, Place},
    refusal::Refusal,
    store::{self, Sealed},
};

mod concern;
mod cover;
mod document;
mod late;
mod list;
mod register;
mod relocate;

use concern::known_to;
pub(crate) use register::covers;

/// The service.
pub(crate) struct Registration {
    department: Department,
    notices: Arc<Notices>,
    sealing: SealingKey,
}

/// Birth dates by person key.
type Births = BTreeMap<PersonKey, Date>;

/// What a unit of work decides by: the notices, and the day on which the request was recorded.
#[derive(Clone)]
struct Rules {
    notices: Arc<Notices>,
    today: Date,
}

impl Rules {
    /// The version of the notice that governs a place on the day that counts.
    fn notice(&self, Place { division, cover_year, on }: Place) -> Result<&Notice, Refusal> {
        let notice = self.notices.in_force(division, cover_year, on);
        notice.ok_or(Refusal::NoNotice(division, cover_year))
    }
}

impl Registration {
    pub(crate) fn new(department: Department, notices: Notices, sealing: SealingKey) -> Self {
        Self { department, notices: Arc::new(notices), sealing }
    }

    fn rules(&self) -> Rules {
        Rules { notices: self.notices.clone(), today: self.department.clock.today() }
    }

    /// A person with everything that is made before it is queued: keys, seals, a new id in case it is needed. Of whom a
    /// school registers, it is known that one did.
    fn applicant(
        &self,
        person: Person,
        (registrar, on): (&Caller, Date),
    ) -> Result<register::Applicant, Failure> {
        let mut circumstances = person.circumstances;
        if is_school(registrar) {
            circumstances.school_registered_on = Some(wire::date(on));
        }
        let resident = store::Resident {
            id: ResidentId::new(),
            person_key: self.department.secrets.suite_key.person_key(&person.document),
            name_key: self.department.secrets.suite_key.name_key(&person.document, &person.name),
            masked_number: person.document.masked(),
            birth: person.birth,
            sex: person.document.identity_number().map(IdentityNumber::sex),
        };
        let sealed = self.seal(&resident, &person.document, &person.name)?;
        Ok(register::Applicant { resident, sealed, circumstances, township: person.township })
    }

    /// The birth dates of those who are known by these keys of document and name: whoever knows only a number is not told
    /// whether a date is right. Read before anything is queued: they are never changed.
    async fn known_births(&self, keys: Vec<(PersonKey, NameKey)>) -> Result<Births, Failure> {
        let look = move |view: &View| {
            let mut births = Births::new();
            for (key, name_key) in keys {
                let named = store::by_key(view, &key)?.filter(|(_, known)| *known == name_key);
                let known = named.map_or(Ok(None), |(id, _)| store::resident(view, id))?;
                births.extend(known.map(|known| (key, known.birth)));
            }
            Ok(births)
        };
        self.department.store.read(look).await
    }

    /// Seals a document and a name for the resident they belong to.
    fn seal(&self, resident: &store::Resident, document: &Document, name: &Name) -> Result<Sealed, Failure> {
        let fault = |error: std::io::Error| Failure::Fault(error.to_string());
        let place = resident.person_key.as_bytes();
        let number = format!("{} {}", document.kind(), document.expose());
        Ok(Sealed {
            document: self.sealing.seal(place, &number).map_err(fault)?,
            name: self.sealing.seal(place, name.expose()).map_err(fault)?,
        })
    }
}

/// The resident a request names, when anybody is known so.
fn find(view: &View, named: Resident) -> Result<Option<store::Resident>, StoreError> {
    let id = match named {
        Resident::Id(id) => Some(id),
        Resident::Key(key) => store::by_key(view, &key)?.map(|(id, _)| id),
    };
    id.map_or(Ok(None), |id| store::resident(view, id))
}

/// Whether an applicant who is known was born on the day that is known.
fn born_as_known(applicant: &register::Applicant, births: &Births) -> Result<(), Status> {
    let known = births.get(&applicant.resident.person_key);
    known.map_or(Ok(()), |&known| parse::born(applicant.resident.birth, known))
}

/// Whether a school asks, which registers its students and nobody else.
fn is_school(caller: &Caller) -> bool {
    caller.identity() == rules::Caller::School
}

#[tonic::async_trait]
impl RegistrationService for Registration {
    async fn register_resident(
        &self,
        request: Request<RegisterResidentRequest>,
    ) -> Result<Response<RegisterResidentResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let (asked, place, person) = parse::registering(&id, &request)?;
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let applicant = self.applicant(person, (&caller, place.on)).map_err(status)?;
        let births = self.known_births(vec![applicant.keys()]).await.map_err(status)?;
        born_as_known(&applicant, &births)?;
        let (rules, registrar) = (self.rules(), caller.clone());
        once(&self.department, &caller, ("RegisterResident", asked.request_id, &request), 1, move |unit| {
            register::register(unit, &applicant, (place, &registrar), &rules)
        })
        .await
    }

    async fn register_roster(
        &self,
        request: Request<RegisterRosterRequest>,
    ) -> Result<Response<RegisterRosterResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let mut wrong = Malformed::default();
        let asked = parse::asked(&mut wrong, &id, &request.after);
        let on = ("registered_on", request.registered_on);
        let place = parse::place(&mut wrong, (&request.division, request.cover_year), on);
        parse::lines(&mut wrong, "people", &request.people);
        let (Some(asked), Some(place), true) = (asked, place, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let line = |person| match parse::line(|wrong| parse::person(wrong, person, Some(place))) {
            Ok(person) => self.applicant(person, (&caller, place.on)).map(Ok),
            Err(what) => Ok(Err(what)),
        };
        let lines = request.people.iter().map(line).collect::<Result<Vec<_>, Failure>>().map_err(status)?;
        let keys = lines.iter().flatten().map(register::Applicant::keys);
        let births = self.known_births(keys.collect()).await.map_err(status)?;
        let born = |applicant| match born_as_known(&applicant, &births) {
            Ok(()) => Ok(applicant),
            Err(status) => Err(status.message().to_owned()),
        };
        let lines: Vec<_> = lines.into_iter().map(|line| line.and_then(born)).collect();
        let (rules, registrar) = (self.rules(), caller.clone());
        let (declared, items) = (request.declared_count, lines.len());
        let named = ("RegisterRoster", asked.request_id, &request);
        once(&self.department, &caller, named, items, move |unit| {
            register::roster(unit, (&lines, declared), (place, &registrar), &rules)
        })
        .await
    }

    async fn move_registration(
        &self,
        request: Request<MoveRegistrationRequest>,
    ) -> Result<Response<MoveRegistrationResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let (asked, moving) = parse::moving(&id, &request, &self.department.secrets.suite_key)?;
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (rules, receiver) = (self.rules(), caller.clone());
        once(&self.department, &caller, ("MoveRegistration", asked.request_id, &request), 1, move |unit| {
            relocate::relocate(unit, &moving, (&rules, &receiver))
        })
        .await
    }

    async fn change_document(
        &self,
        request: Request<ChangeDocumentRequest>,
    ) -> Result<Response<ChangeDocumentResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let (asked, changing) = parse::changing(&id, &request, &self.department.secrets.suite_key)?;
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (rules, changer, seeker) = (self.rules(), caller.clone(), caller.clone());
        // Looked up before it is queued: a resident stays, and a birth date is never changed.
        let found = self.department.store.read(move |view| known_to(view, &seeker, changing.resident)).await;
        let found = found.map_err(|error: StoreError| status(error.into()))?;
        let change = found.map(|known| self.change(known, &changing)).transpose()?;
        once(&self.department, &caller, ("ChangeDocument", asked.request_id, &request), 1, move |unit| {
            document::change(unit, change.as_ref(), changing.on, (&rules, &changer))
        })
        .await
    }

    async fn end_registration(
        &self,
        request: Request<EndRegistrationRequest>,
    ) -> Result<Response<EndRegistrationResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let (asked, ending) = parse::ending(&id, &request, &self.department.secrets.suite_key)?;
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (rules, ender) = (self.rules(), caller.clone());
        once(&self.department, &caller, ("EndRegistration", asked.request_id, &request), 1, move |unit| {
            relocate::end(unit, &ending, (&rules, &ender))
        })
        .await
    }

    async fn assess_late_payment(
        &self,
        request: Request<AssessLatePaymentRequest>,
    ) -> Result<Response<AssessLatePaymentResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let (asked, assessing) = parse::assessing(&id, &request, &self.department.secrets.suite_key)?;
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let (rules, assessor) = (self.rules(), caller.clone());
        once(&self.department, &caller, ("AssessLatePayment", asked.request_id, &request), 1, move |unit| {
            late::assess(unit, &assessing, (&rules, &assessor))
        })
        .await
    }

    async fn record_cover(
        &self,
        request: Request<RecordCoverRequest>,
    ) -> Result<Response<RecordCoverResponse>, Status> {
        let (caller, mut request) = entered(request)?;
        let id = take(&mut request.request_id);
        let mut wrong = Malformed::default();
        let asked = parse::asked(&mut wrong, &id, &request.after);
        let division = wrong.division("division", &request.division);
        let on = wrong.date("recorded_on", request.recorded_on);
        parse::lines(&mut wrong, "lines", &request.lines);
        let (Some(asked), Some(division), Some(on), true) = (asked, division, on, wrong.is_empty()) else {
            return Err(wrong.status());
        };
        wait_for(&self.department, &asked.after).await.map_err(status)?;
        let key = &self.department.secrets.suite_key;
        let line = |line| parse::line(|wrong| parse::cover_line(wrong, line, on, key));
        let lines: Vec<_> = request.lines.iter().map(line).collect();
        let (rules, declared, items) = (self.rules(), request.declared_count, lines.len());
        let recorder = caller.clone();
        once(&self.department, &caller, ("RecordCover", asked.request_id, &request), items, move |unit| {
            cover::record(unit, (&lines, declared), (division, on), (&rules, &recorder))
        })
        .await
    }

    async fn list_registrations(
        &self,
        request: Request<ListRegistrationsRequest>,
    ) -> Result<Response<ListRegistrationsResponse>, Status> {
        let (_, request) = entered(request)?;
        let (after, page) = parse::page(&request)?;
        wait_for(&self.department, &after).await.map_err(status)?;
        let listed = self.department.store.read(move |view| list::page(view, &page));
        listed.await.map(Response::new).map_err(status)
    }

    async fn get_registration_counts(
        &self,
        request: Request<GetRegistrationCountsRequest>,
    ) -> Result<Response<GetRegistrationCountsResponse>, Status> {
        let (_, request) = entered(request)?;
        let place = (request.division.as_str(), request.cover_year);
        let (after, division, year) = parse::looked_at(&request.after, place)?;
        wait_for(&self.department, &after).await.map_err(status)?;
        let counts = self.department.store.read(move |view| list::counts(view, division, year));
        counts.await.map(Response::new).map_err(status)
    }

    async fn get_resident(
        &self,
        request: Request<GetResidentRequest>,
    ) -> Result<Response<GetResidentResponse>, Status> {
        let (caller, request) = entered(request)?;
        let key = &self.department.secrets.suite_key;
        let (after, named) = parse::shown(&request.after, request.resident.as_ref(), key)?;
        wait_for(&self.department, &after).await.map_err(status)?;
        let notices = self.notices.clone();
        let shown = self.department.store.read(move |view| list::resident(view, named, (&notices, &caller)));
        shown.await.map(Response::new).map_err(status)
    }
}
