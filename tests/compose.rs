//! The suite in containers, called from outside.

use canbao::{Player, request};
use canbao_proto::{
    benefits::{CoverageState, GetCoverageRequest},
    registration::{GetResidentRequest, registration_service_client::RegistrationServiceClient},
};
use canbao_tests::{Person, day, left_out};

#[path = "compose/stack.rs"]
mod stack;

use stack::{Stack, missing};

#[tokio::test(flavor = "multi_thread")]
async fn a_resident_registered_in_a_container_is_still_there_after_it_was_killed() {
    if let Some(why) = missing() {
        return left_out("killing a container", "docker", &why);
    }
    let stack = Stack::up(&["registration"]);
    let at = format!("http://{}", stack.addresses()[0]);
    let ours = |message| request("medical-insurance", message);
    let person = Person::nth(1);
    let registration = person.registration("2025-11-03");

    let mut client = RegistrationServiceClient::connect(at.clone()).await.unwrap();
    let answer = client.register_resident(ours(registration.clone())).await.unwrap().into_inner();
    let again = client.register_resident(ours(registration.clone())).await.unwrap().into_inner();
    assert_eq!(again, answer);

    stack.kill("registration");
    let asked = GetResidentRequest { resident: person.reference(), ..Default::default() };
    let gone = client.get_resident(request("medical-insurance", asked.clone())).await;
    assert!(gone.is_err(), "nobody answers for a killed container");
    stack.start("registration");

    let mut client = RegistrationServiceClient::connect(at).await.unwrap();
    let resident = client.get_resident(request("medical-insurance", asked)).await.unwrap().into_inner();
    assert_eq!(resident.resident_id, answer.resident_id);
    assert_eq!(resident.registrations, answer.registration.clone().into_iter().collect::<Vec<_>>());
    let again = client.register_resident(ours(registration)).await.unwrap().into_inner();
    assert_eq!(again, answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn four_containers_register_charge_and_cover_one_resident() {
    if let Some(why) = missing() {
        return left_out("four containers", "docker", &why);
    }
    let stack = Stack::up(&canbao_host::DEPARTMENTS);
    let mut player = Player::connect(stack.addresses()).await.unwrap();
    let person = Person::nth(2);
    player.register(person.registration("2025-11-03")).await.unwrap();
    let paid = player.pay(person.payment("400.00", "2025-11-10")).await.unwrap();
    assert!(paid.contribution.unwrap().settled);
    let on = day("2026-01-01");
    let asked = GetCoverageRequest { resident: person.reference(), on, ..Default::default() };
    let covered = player.coverage(asked).await.unwrap();
    assert_eq!(covered.state(), CoverageState::Covered, "{}", covered.message);
}
