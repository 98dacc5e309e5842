//! Grounds, papers, permits and schools.

use super::*;

#[tokio::test]
async fn who_comes_from_outside_shows_the_papers_that_the_notice_names() {
    // GZ25-30.
    let mut city = City::gaizhou().await;
    let mut person = city.person("19800101");
    person.circumstances.hukou_division = Some("370685".to_owned());
    person.circumstances.permit_division = Some("none".to_owned());
    person.circumstances.house_division = Some("none".to_owned());
    let asks = |city: &City, person: &Person| city.registration(person, "2024-11-05");
    let (unsaid, player) = (asks(&city, &person), &mut city.running.player);
    refused(player.register(unsaid).await, "PAPERS_MISSING");
    person.circumstances.house_division = Some("210881".to_owned());
    let unsaid = asks(&city, &person);
    let told = refused(city.running.player.register(unsaid).await, "NEEDS_FACT");
    assert_eq!(told.metadata["fact"], "papers");
    person.circumstances.papers = Some(Papers { shown: vec!["户口本".to_owned()] });
    let lacking = asks(&city, &person);
    let told = refused(city.running.player.register(lacking).await, "PAPERS_MISSING");
    assert!(told.message.contains("未参保证明"), "{}", told.message);
    let shown = ["户口本", "未在异地缴费承诺书"].map(str::to_owned).to_vec();
    person.circumstances.papers = Some(Papers { shown });
    city.register(&person, "2024-11-05").await;
    city.close().await;
}

#[tokio::test]
async fn a_grown_student_pays_once_the_school_has_declared_and_not_when_the_bureau_registered() {
    // WH22-42.
    let mut city = City::weihai().await;
    let (alone, listed) =
        (city.student("20020601", StudentKind::College), city.student("20020601", StudentKind::College));
    city.register(&alone, "2022-01-10").await;
    city.register_by_school(&listed, "2022-01-10").await;
    let payment = city.payment(&alone, "300.00", "2022-02-10");
    let told = refused(city.pay(payment).await, "SCHOOL_MUST_DECLARE");
    assert!(told.citations.iter().any(|citation| citation.clause == "WH22-42"));
    city.pay(city.payment(&listed, "300.00", "2022-02-10")).await.unwrap();
    city.close().await;
}

#[tokio::test]
async fn what_a_person_declares_by_registering_is_a_declaration() {
    // GZ25-25: newly insured, by the person or by the school.
    let mut city = City::gaizhou().await;
    let mut adult = city.person("19800101");
    let mut pupil = city.student("20140601", StudentKind::School);
    for person in [&mut adult, &mut pupil] {
        person.circumstances.history = Some(History::NeverCovered(true));
    }
    city.register(&adult, "2024-11-05").await;
    city.register_by_school(&pupil, "2024-09-10").await;
    city.pay(city.payment(&adult, "445.00", "2024-11-06")).await.unwrap();
    city.pay(city.payment(&pupil, "335.00", "2024-09-20")).await.unwrap();
    city.close().await;
}

#[tokio::test]
async fn a_ground_that_turns_on_what_was_not_given_is_asked_for_by_name() {
    // ZY25-14 to ZY25-16.
    let mut city = City::zhaoyuan().await;
    let mut silent = city.person("19800101");
    silent.circumstances.works = None;
    let unsaid = city.registration(&silent, "2024-10-08");
    let told = refused(city.running.player.register(unsaid).await, "NEEDS_FACT");
    assert_eq!(told.metadata["fact"], "works");
    let mut drawing = city.person("19800101");
    drawing.circumstances.set_unemployment(UnemploymentBenefit::Drawing);
    let asked = city.registration(&drawing, "2024-10-08");
    refused(city.running.player.register(asked).await, "UNEMPLOYMENT_BENEFIT_RUNNING");
    let mut ended = city.person("19800101");
    ended.circumstances.works = Some(true);
    ended.circumstances.set_unemployment(UnemploymentBenefit::Ended);
    city.register(&ended, "2024-10-08").await;
    city.close().await;
}
