//! The same stories on both engines end in the same rows.

use canbao_host::DEPARTMENTS;
use canbao_tests::{Home, rows};

use crate::{
    crash,
    events::{Alone, STORIES, heard_by, told},
    walkthrough,
};

#[tokio::test]
async fn one_resident_registers_pays_and_is_covered_in_one_process() {
    let Some(home) = Home::on_postgres("the walkthrough in one process").await else { return };
    walkthrough::in_one_process(home).await;
}

#[tokio::test]
async fn one_resident_registers_pays_and_is_covered_by_four_processes() {
    let Some(home) = Home::on_postgres("the walkthrough by four processes").await else { return };
    walkthrough::by_four_processes(home).await;
}

#[tokio::test]
async fn what_the_departments_hear_makes_the_same_rows_on_both_engines() {
    let mut kept = 0;
    for story in STORIES {
        let (told, walked) = told(story).await;
        for department in DEPARTMENTS {
            let Some(server) = Home::on_postgres("equal rows on both engines").await else { return };
            let mut found = Vec::new();
            for home in [Home::fresh(), server] {
                let alone = Alone::start_in(department, home).await;
                for (_, log, event) in heard_by(department, &told) {
                    alone.tell(log, &event).await;
                }
                let home = alone.stop().await;
                found.push(rows(&home, department));
            }
            kept += found[0].values().map(Vec::len).sum::<usize>();
            assert_eq!(found[0], found[1], "{story:?}: {department}");
            // Benefits writes nothing of its own: what it is told is all there is.
            if department == "benefits" {
                assert_eq!(found[1], walked[department], "{story:?}");
            }
        }
    }
    assert!(kept > 20, "only {kept} rows were compared");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_nothing_acknowledged_is_lost_and_nothing_refused_has_an_effect() {
    let Some(home) = Home::on_postgres("the departments killed under load").await else { return };
    crash::killed_under_load(home, 5).await;
}
