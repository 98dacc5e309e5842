//! The way into a handler: who is calling, and that the request is not about somebody else's division.

use canbao_proto::{refusal, rules::Scoped};
use canbao_types::{Division, RefusalKind, Refused};
use tonic::{Request, Status};

use crate::Caller;

/// Takes a request apart into its caller and what is asked: the only way a handler does it.
///
/// Refused as `FOREIGN_DIVISION` (PERMISSION_DENIED) where the request names a division that is foreign to the caller. One
/// that is malformed is left to whoever reads the request. Where it names none, the handler asks [`Caller::covers`] or
/// [`Caller::held_to`] once it has found what the request speaks of.
pub fn entered<M: Scoped>(request: Request<M>) -> Result<(Caller, M), Status> {
    let (_, mut extensions, message) = request.into_parts();
    let caller = extensions.remove::<Caller>();
    let caller = caller.ok_or_else(|| Status::unauthenticated("nobody stands behind this request"))?;
    let named = message.division().and_then(|text| text.parse::<Division>().ok());
    named.map_or(Ok(()), |division| caller.held_to(division)).map_err(|refused| refusal::status(&refused))?;
    Ok((caller, message))
}

impl Caller {
    /// Whether what belongs to a division concerns this caller: it is the caller's own or lies below it (GB/T 2260: a code
    /// that ends in 00 stands for all below), or the caller belongs to none.
    pub fn covers(&self, division: Division) -> bool {
        self.division().is_none_or(|own| own.contains(division))
    }

    /// Lets the caller act on what belongs to a division; else `FOREIGN_DIVISION` (PERMISSION_DENIED).
    pub fn held_to(&self, division: Division) -> Result<(), Refused> {
        self.held_to_one([division]).map_err(|refused| refused.with("division", division))
    }

    /// Lets the caller act on what belongs to each of some divisions when one of them is its own, or when there is none; else
    /// `FOREIGN_DIVISION` (PERMISSION_DENIED), which does not say whose it is: where a person is, is not told to strangers.
    pub fn held_to_one(&self, divisions: impl IntoIterator<Item = Division>) -> Result<(), Refused> {
        let mut divisions = divisions.into_iter().peekable();
        if divisions.peek().is_none() || divisions.any(|division| self.covers(division)) {
            return Ok(());
        }
        let message = "该行政区划不归您所在单位管辖，请由当地部门办理。";
        Err(Refused::new(RefusalKind::Denied, "FOREIGN_DIVISION", message))
    }
}

#[cfg(test)]
mod tests {
    use canbao_proto::{collection::GetBooksRequest, exchange::ReadLogRequest};
    use tonic::Code;

    use super::*;

    fn caller(uri: &str) -> Caller {
        Caller::from_uri(uri).unwrap()
    }

    fn asked(uri: &str, division: &str) -> Result<(Caller, GetBooksRequest), Status> {
        let division = division.to_owned();
        let mut request = Request::new(GetBooksRequest { division, ..Default::default() });
        request.extensions_mut().insert(caller(uri));
        entered(request)
    }

    #[test]
    fn a_caller_enters_with_its_own_division_and_those_below_it() {
        for (uri, division) in [
            ("spiffe://canbao/141181/tax", "141181"),
            ("spiffe://canbao/141100/tax", "141181"),
            ("spiffe://canbao/141100/tax", "141100"),
            ("spiffe://canbao/140000/tax", "141181"),
            ("spiffe://canbao/service/benefits", "141181"),
            ("spiffe://canbao/service/benefits", "370685"),
        ] {
            let (found, message) = asked(uri, division).unwrap();
            assert_eq!((found, message.division.as_str()), (caller(uri), division));
        }
    }

    #[test]
    fn a_division_beside_above_or_elsewhere_is_foreign_and_refused_with_a_sentence() {
        for (uri, division) in [
            ("spiffe://canbao/141181/tax", "141182"),
            ("spiffe://canbao/141181/tax", "141100"),
            ("spiffe://canbao/141181/tax", "140000"),
            ("spiffe://canbao/141100/tax", "140100"),
            ("spiffe://canbao/140000/tax", "370685"),
        ] {
            let status = asked(uri, division).unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied, "{uri} {division}");
            let told = refusal::read(&status).unwrap();
            assert_eq!(
                (told.reason.as_str(), told.metadata["division"].as_str()),
                ("FOREIGN_DIVISION", division)
            );
            assert!(told.message.ends_with('。') && !told.message.is_ascii());
        }
    }

    #[test]
    fn one_of_several_divisions_is_enough_and_the_refusal_names_none() {
        let (own, other) = (Division::from_code(141_181).unwrap(), Division::from_code(370_685).unwrap());
        let tax = caller("spiffe://canbao/141181/tax");
        assert!(tax.held_to_one([other, own]).is_ok() && tax.held_to_one([]).is_ok());
        let refused = tax.held_to_one([other, other]).unwrap_err();
        assert_eq!((refused.reason, refused.metadata), ("FOREIGN_DIVISION", vec![]));
    }

    #[test]
    fn a_malformed_division_is_left_to_whoever_reads_the_request() {
        for malformed in ["", "14118", "孝义", "041181"] {
            assert!(asked("spiffe://canbao/370685/tax", malformed).is_ok(), "{malformed}");
        }
    }

    #[test]
    fn a_request_that_names_no_division_enters_and_nobody_enters_without_a_caller() {
        let mut request = Request::new(ReadLogRequest::default());
        request.extensions_mut().insert(caller("spiffe://canbao/141181/auditor"));
        assert!(entered(request).is_ok());
        let status = entered(Request::new(ReadLogRequest::default())).unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
    }
}
