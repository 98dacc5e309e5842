use canbao_types::{IdError, PaymentId, RequestId, ResidentId};
use proptest::prelude::*;

#[test]
fn new_ids_differ_and_sort_by_age() {
    let ids: Vec<RequestId> = (0..1000).map(|_| RequestId::new()).collect();
    assert!(ids.is_sorted_by(|earlier, later| earlier < later));
}

#[test]
fn only_the_hyphenated_form_is_read() {
    let text = "0190163d-8694-739b-aea5-966c26f8ad91";
    let id: PaymentId = text.parse().unwrap();
    assert_eq!(text.to_uppercase().parse(), Ok(id));
    for other in [
        "0190163d8694739baea5966c26f8ad91",
        "{0190163d-8694-739b-aea5-966c26f8ad91}",
        "urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91",
        "0190163d-8694-739b-aea5-966c26f8ad9",
        "0190163d-8694-739b-aea5-966c26f8ad9g",
        "0190163d-8694-739b-aea5966c26f8ad91-",
        "",
    ] {
        assert_eq!(other.parse::<PaymentId>(), Err(IdError), "{other:?}");
    }
}

#[test]
fn serde_carries_the_hyphenated_text() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Row {
        resident: ResidentId,
    }
    let line = "resident = \"0190163d-8694-739b-aea5-966c26f8ad91\"\n";
    let row: Row = toml::from_str(line).unwrap();
    assert_eq!(toml::to_string(&row).unwrap(), line);
}

proptest! {
    #[test]
    fn an_id_comes_back_from_its_bytes_and_from_its_text(bytes in any::<[u8; 16]>()) {
        let id = RequestId::from_bytes(bytes);
        prop_assert_eq!(id.as_bytes(), &bytes);
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        prop_assert_eq!(format!("{id:?}"), format!("RequestId({id})"));
    }
}
