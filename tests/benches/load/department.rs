//! The real collection department, told of a city's residents.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use canbao::request;
use canbao_host::{Address, DEPARTMENTS, Installation, Secrets, StartError, listen};
use canbao_proto::{
    collection::{GetContributionDueRequest, collection_service_client::CollectionServiceClient},
    common::{LogPosition, Money},
    exchange::Event,
    registration::ResidentRegistered,
    rules,
    subsidy::{ContributionOwed, SettledBy},
    wire,
};
use canbao_tests::{DIVISION, Person, ToldLog, YEAR, day, settings};
use canbao_types::{Document, IdentityNumber, Name, ResidentId};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch, task::JoinHandle};
use tonic::Code;

use crate::city::City;

/// Collection, serving.
pub struct Department {
    pub address: SocketAddr,
    pub secrets: Arc<Secrets>,
    runtime: Runtime,
    stop: watch::Sender<bool>,
    serving: JoinHandle<Result<(), StartError>>,
    data: TempDir,
    /// The two departments it is told by.
    _telling: [ToldLog; 2],
}

impl Department {
    /// Starts it in a fresh folder on the project's own disk; everybody is registered and owes the whole when this
    /// returns.
    pub fn start(city: &City) -> Self {
        let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let installation = Arc::new(Installation::open(settings(data.path())).expect("a key"));
        let secrets = installation.secrets.clone();
        let runtime = Runtime::new().expect("a runtime");
        let [registration, subsidy] = [(); 2].map(|()| runtime.block_on(ToldLog::serve()));
        for person in &city.people {
            let resident = ResidentId::new();
            registration.tell(&told(&registered(person, resident, &secrets)));
            subsidy.tell(&told(&owed(resident)));
        }
        let (stop, stopping) = watch::channel(false);
        let serve = serve(&installation, [registration.address, subsidy.address], stopping);
        let (address, serving) = runtime.block_on(serve).expect("the department starts");
        runtime.block_on(heard(address, city.people.len() as u64));
        Self { address, secrets, runtime, stop, serving, data, _telling: [registration, subsidy] }
    }

    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    pub fn database(&self) -> PathBuf {
        self.data.path().join("collection.sqlite")
    }

    /// Stops it; the folder is there until it is dropped.
    pub fn stop(self) -> TempDir {
        self.stop.send_replace(true);
        let served = self.runtime.block_on(self.serving).expect("it did not panic");
        served.expect("a drain without trouble");
        self.data
    }
}

async fn serve(
    installation: &Arc<Installation>,
    [registration, subsidy]: [SocketAddr; 2],
    stopping: watch::Receiver<bool>,
) -> Result<(SocketAddr, JoinHandle<Result<(), StartError>>), StartError> {
    let listener = listen(&installation.settings, canbao_collection::NAME).await?;
    let address = listener.local_addr()?;
    let addresses = DEPARTMENTS.map(|department| match department {
        "registration" => registration,
        "subsidy" => subsidy,
        _ => address,
    });
    let server = canbao_collection::server(installation)?;
    let serving = tokio::spawn(server.run(listener, addresses.map(Address::from), stopping));
    Ok((address, serving))
}

/// Waits until the department has heard so much of both logs.
async fn heard(address: SocketAddr, position: u64) {
    let client = CollectionServiceClient::connect(format!("http://{address}")).await;
    let mut client = client.expect("the department answers");
    let after = ["registration", "subsidy"].map(|log| LogPosition { log: log.to_owned(), position });
    let asked = GetContributionDueRequest {
        after: after.to_vec(),
        resident: Person::nth(0).reference(),
        division: DIVISION.to_owned(),
        cover_year: YEAR,
        ..Default::default()
    };
    // It waits 2 s by itself; a city of this size is heard in less than a minute.
    for _ in 0..60 {
        match client.get_contribution_due(request("tax", asked.clone())).await {
            Ok(_) => return,
            Err(status) if status.code() == Code::Unavailable => {}
            Err(status) => panic!("{status}"),
        }
    }
    panic!("the department does not hear of its residents");
}

fn told<E: rules::Event>(event: &E) -> Event {
    let (kind, division) = (E::KIND.to_owned(), DIVISION.to_owned());
    Event { division, kind, body: event.encode_to_vec(), ..Event::default() }
}

fn registered(person: &Person, resident: ResidentId, secrets: &Secrets) -> ResidentRegistered {
    let number = IdentityNumber::parse(&person.number).expect("a generated number");
    let birth = number.birth();
    let document = Document::identity(number);
    let name = Name::parse(&person.name).expect("a generated name");
    ResidentRegistered {
        resident_id: resident.as_bytes().to_vec(),
        person_key: secrets.suite_key.person_key(&document).as_bytes().to_vec(),
        name_key: secrets.suite_key.name_key(&document, &name).as_bytes().to_vec(),
        cover_year: YEAR,
        class: "城乡居民".to_owned(),
        birth_date: Some(wire::date(birth)),
        registered_on: day("2025-11-03"),
        circumstances: Some(person.circumstances.clone()),
        township: String::new(),
        masked_number: String::new(),
    }
}

fn owed(resident: ResidentId) -> ContributionOwed {
    ContributionOwed {
        resident_id: resident.as_bytes().to_vec(),
        cover_year: YEAR,
        aided: Some(Money { yuan: "0.00".to_owned() }),
        owed: Some(Money { yuan: "400.00".to_owned() }),
        payable_item: "2026年".to_owned(),
        determination: 1,
        settled_by: SettledBy::Payment.into(),
        ..ContributionOwed::default()
    }
}
