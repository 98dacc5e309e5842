//! A handler gets at what is asked by one way only, on which a foreign division is refused.

use crate::source::{self, Source};

/// The other ways into a request.
const OTHER_WAYS: [&str; 7] =
    ["into_inner", "get_ref", "get_mut", "into_parts", "extensions", "from_parts", "from_http"];

fn departments() -> impl Iterator<Item = &'static Source> {
    let departments = ["registration", "collection", "subsidy", "benefits"];
    let of =
        move |path: &str| departments.iter().any(|name| path.starts_with(&format!("services/{name}/src/")));
    source::sources().iter().filter(move |source| of(&source.path))
}

#[test]
fn every_handler_enters_by_the_hosts_door() {
    let (mut handlers, mut entries) = (0, 0);
    for source in departments() {
        let of_file = source.shipped.matches("request: Request<").count();
        let entered = source.shipped.matches("= entered(request)?;").count();
        assert_eq!(entered, of_file, "{} has {of_file} handlers, and {entered} of them enter", source.path);
        handlers += of_file;
        entries += entered;
    }
    let methods = crate::contracts::methods().filter(|method| method.name() != "ReadLog").count();
    assert_eq!((handlers, entries), (methods, methods), "the handlers were not found");
}

#[test]
fn no_department_opens_a_request_by_another_way() {
    for source in departments() {
        for way in OTHER_WAYS {
            let places = source.places(&source.shipped, way);
            assert!(places.is_empty(), "{way}: {places:?}");
        }
    }
}
