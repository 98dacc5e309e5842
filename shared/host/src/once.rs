//! The same request gives the same answer, for ever.

use canbao_store::{Seen, Unit};
use canbao_types::{RefusalKind, Refused, RequestId};
use prost::Message;
use tonic::{Response, Status};

use crate::{Caller, Department, Failure, status, trace::UnitSpan};

/// Decides a mutating request as one unit of work and answers after its COMMIT.
///
/// `request` is the request without its id. The same caller, id, method and content gives the first answer again; other
/// content is refused as `REQUEST_ID_REUSED` (ALREADY_EXISTS) without effect. A refusal is not remembered. `items` is
/// how many items the request carries. `decide` may be run more than once, so it makes no id, reads no clock and sends
/// nothing.
pub async fn once<Answer: Message + Default + 'static>(
    department: &Department,
    caller: &Caller,
    (method, id, request): (&'static str, RequestId, &impl Message),
    items: usize,
    decide: impl Fn(&mut Unit) -> Result<Answer, Failure> + Send + 'static,
) -> Result<Response<Answer>, Status> {
    let digest = department.secrets.suite_key.request_digest(method, &request.encode_to_vec());
    let caller = caller.path();
    let span = UnitSpan::queued(items);
    let running = span.clone();
    let work = move |unit: &mut Unit| match unit.request(&caller, id.as_bytes(), &digest)? {
        Seen::Repeated(answer) => Answer::decode(answer.as_slice())
            .map_err(|error| Failure::Fault(format!("a remembered answer: {error}"))),
        Seen::OtherContent => {
            let reused = "同一请求编号已用于其他内容，请换用新的请求编号。";
            Err(Refused::new(RefusalKind::Exists, "REQUEST_ID_REUSED", reused).into())
        }
        Seen::First => {
            let answer = decide(unit)?;
            unit.answer(&caller, id.as_bytes(), &digest, &answer.encode_to_vec())?;
            Ok(answer)
        }
    };
    let job = move |unit: &mut Unit| running.run(unit, &work);
    match span.until_answered(department.store.write(items, job)).await {
        Ok(told) => Ok(Response::new(told.value)),
        Err(failure) => Err(status(failure)),
    }
}
