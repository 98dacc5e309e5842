//! What the medical insurance bureau, the schools and those who certify identities do in a season.

use canbao_host::StartError;
use canbao_proto::{registration::*, subsidy::*, wire};

use super::{
    files::{
        AssessmentLine, ConfirmationLine, CoverLine, DecisionLine, DocumentLine, EndLine, MoveLine,
        ResidentLine, RosterLine,
    },
    kinds::Kind,
    messages::{self, day, document, reference, request_id},
    played::{Act, Answer},
    stage::Stage,
};

/// What a list is told of somebody whose name is another in the registration.
const NAME_DIFFERS: &str = "姓名与参保登记不一致，请核对名单。";
const NOT_RECOGNISED_YET: &str = "确认日期早于认定日期，请核对名单。";

impl Stage<'_> {
    pub(super) async fn record_cover(&mut self, lines: Vec<CoverLine>) -> Result<(), StartError> {
        let message = RecordCoverRequest {
            request_id: request_id(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            recorded_on: day(lines.first().map(|line| line.day)),
            lines: lines.iter().map(messages::cover).collect(),
            declared_count: count(&lines),
        };
        let answer = self.player.record_cover(message).await?;
        for (line, outcome) in lines.iter().zip(answer.outcomes) {
            if self.roster_outcome(Act::Cover, &outcome) && line.departure.is_some() {
                self.played.kinds.add(Kind::LeftOtherScheme, 1);
            }
        }
        Ok(())
    }

    pub(super) async fn register(&mut self, lines: Vec<ResidentLine>) -> Result<(), StartError> {
        let Some(first) = lines.first() else { return Ok(()) };
        let by = first.by.name();
        if first.roster.is_none() {
            let plan = self.plan;
            let ask = |mut player: crate::Player, line: &ResidentLine| {
                let message = messages::registration(plan, line);
                async move {
                    let answer = player.register_by(by, message).await;
                    (player, answer)
                }
            };
            for (line, answer) in self.at_once(lines, ask).await? {
                match self.played.answer(Act::Register, answer)? {
                    Answer::Done(_) => self.played.kinds.registered(plan, &line),
                    Answer::Refused(reason) => self.played.kinds.refused(&reason, None),
                }
            }
            return Ok(());
        }
        let message = RegisterRosterRequest {
            request_id: request_id(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            registered_on: day(Some(first.day)),
            people: lines.iter().map(messages::roster_person).collect(),
            declared_count: count(&lines),
        };
        let answer = self.player.register_roster(by, message).await?;
        let told = [answer.accepted, answer.refused, answer.repeated, answer.covered_elsewhere];
        if told.iter().sum::<u32>() != count(&lines) {
            return Err(format!("a roster of {} was answered with {told:?}", lines.len()).into());
        }
        for (line, outcome) in lines.iter().zip(answer.outcomes) {
            if self.roster_outcome(Act::Register, &outcome) {
                self.played.kinds.registered(self.plan, line);
            }
        }
        Ok(())
    }

    /// Notes what became of a line; whether it was accepted.
    fn roster_outcome(&mut self, act: Act, outcome: &RosterOutcome) -> bool {
        match outcome.result() {
            RosterResult::Accepted => self.played.done(act, 1),
            RosterResult::Repeated => self.played.repeated(act, 1),
            _ => {
                let RosterOutcome { reason, message, citations, .. } = outcome;
                self.played.refused(act, reason, message, citations);
                self.played.kinds.refused(reason, None);
            }
        }
        outcome.result() == RosterResult::Accepted
    }

    pub(super) async fn change_document(&mut self, lines: Vec<DocumentLine>) -> Result<(), StartError> {
        for line in lines {
            let message = ChangeDocumentRequest {
                request_id: request_id(),
                after: Vec::new(),
                resident: reference(&line.person),
                document: document(&line.number),
                name: line.name,
                changed_on: day(Some(line.day)),
            };
            let answer = self.player.change_document(message).await;
            self.played.answer(Act::ChangeDocument, answer)?;
        }
        Ok(())
    }

    pub(super) async fn move_here(&mut self, lines: Vec<MoveLine>) -> Result<(), StartError> {
        for line in lines {
            let message = MoveRegistrationRequest {
                request_id: request_id(),
                after: Vec::new(),
                resident: reference(&line.person),
                division: self.plan.division.clone(),
                cover_year: self.plan.cover_year,
                moved_on: day(Some(line.day)),
                circumstances: None,
                township: line.township.unwrap_or_default(),
            };
            let answer = self.player.move_registration(message).await;
            if self.played.answer(Act::Move, answer)?.done().is_some() {
                self.played.kinds.add(Kind::MovedIn, 1);
            }
        }
        Ok(())
    }

    pub(super) async fn end(&mut self, lines: Vec<EndLine>) -> Result<(), StartError> {
        for line in lines {
            let message = EndRegistrationRequest {
                request_id: request_id(),
                after: Vec::new(),
                resident: reference(&line.person),
                division: self.plan.division.clone(),
                cover_year: self.plan.cover_year,
                ended_on: day(Some(line.day)),
                cause: messages::end_cause(line.cause).into(),
            };
            let answer = self.player.end_registration(message).await;
            self.played.answer(Act::End, answer)?;
        }
        Ok(())
    }

    pub(super) async fn assess(&mut self, lines: Vec<AssessmentLine>) -> Result<(), StartError> {
        for line in lines {
            let message = AssessLatePaymentRequest {
                request_id: request_id(),
                after: Vec::new(),
                resident: reference(&line.person),
                division: self.plan.division.clone(),
                cover_year: self.plan.cover_year,
                assessed_on: day(Some(line.day)),
                decided_amount: line.amount.map(wire::money),
                because: line.because.unwrap_or_default(),
            };
            let answer = self.player.assess(message).await;
            if self.played.answer(Act::Assess, answer)?.done().is_some() {
                self.played.kinds.add(Kind::LateAssessed, 1);
            }
        }
        Ok(())
    }

    pub(super) async fn submit_roster(&mut self, lines: Vec<RosterLine>) -> Result<(), StartError> {
        let Some(RosterLine { by, identity, day: submitted, .. }) = lines.first() else { return Ok(()) };
        let message = SubmitRosterRequest {
            request_id: request_id(),
            after: Vec::new(),
            division: self.plan.division.clone(),
            cover_year: self.plan.cover_year,
            identity: identity.clone(),
            submitted_on: day(Some(*submitted)),
            lines: lines.iter().map(messages::roster_line).collect(),
            declared_count: count(&lines),
        };
        let answer = match self.player.submit_roster(by.name(), message).await {
            Ok(answer) => answer,
            // Of the whole: a roster of somebody who may not submit it, say.
            Err(status) => return self.played.refusal(Act::Roster, lines.len() as u64, status).map(drop),
        };
        self.rosters.entry((*by, identity.clone(), *submitted)).or_default().push(answer.roster_id);
        for outcome in &answer.outcomes {
            match outcome.r#match() {
                RosterMatch::Matched | RosterMatch::Unmatched => self.played.done(Act::Roster, 1),
                RosterMatch::Repeated => self.played.repeated(Act::Roster, 1),
                RosterMatch::NameDiffers => {
                    self.played.refused(Act::Roster, "NAME_DIFFERS", NAME_DIFFERS, &[]);
                }
                _ => self.played.refused(Act::Roster, "MALFORMED", &outcome.message, &[]),
            }
        }
        Ok(())
    }

    pub(super) async fn confirm(&mut self, lines: Vec<ConfirmationLine>) -> Result<(), StartError> {
        for line in lines {
            let roster = (line.by, line.identity, line.submitted);
            let rosters = self.rosters.get(&roster).cloned().unwrap_or_default();
            if rosters.is_empty() {
                self.played.refused(Act::Confirm, "UNKNOWN_ROSTER", "没有这份名单。", &[]);
            }
            for roster_id in rosters {
                let message = ConfirmRosterRequest {
                    request_id: request_id(),
                    after: Vec::new(),
                    roster_id,
                    lines: Vec::new(),
                    confirmed_on: day(Some(line.day)),
                };
                match self.player.confirm_roster(message).await {
                    Ok(answer) => {
                        self.played.done(Act::Confirm, answer.confirmed.into());
                        self.played.repeated(Act::Confirm, answer.repeated.into());
                        for _ in 0..answer.name_differs {
                            self.played.refused(Act::Confirm, "NAME_DIFFERS", NAME_DIFFERS, &[]);
                        }
                        for _ in 0..answer.not_recognised_yet {
                            self.played.refused(Act::Confirm, "NOT_RECOGNISED_YET", NOT_RECOGNISED_YET, &[]);
                        }
                    }
                    Err(status) => drop(self.played.refusal(Act::Confirm, 1, status)?),
                }
            }
        }
        Ok(())
    }

    pub(super) async fn decide(&mut self, lines: Vec<DecisionLine>) -> Result<(), StartError> {
        for line in lines {
            let message = DecideAidRequest {
                request_id: request_id(),
                after: Vec::new(),
                resident: reference(&line.person),
                cover_year: self.plan.cover_year,
                amount: Some(wire::money(line.amount)),
                decided_on: day(Some(line.day)),
                because: line.because,
            };
            let answer = self.player.decide_aid(line.by.name(), message).await;
            self.played.answer(Act::Decide, answer)?;
        }
        Ok(())
    }
}

/// How many lines a list declares.
pub(super) fn count<T>(lines: &[T]) -> u32 {
    // A batch has a thousand lines at most.
    u32::try_from(lines.len()).unwrap_or(u32::MAX)
}
