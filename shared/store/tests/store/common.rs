//! A few words to write tests in.

use canbao_store::{Event, Migration, Options, Place, Role, Store, StoreError, Told, Unit, params};
use std::future::ready;
use std::sync::{Arc, mpsc};
use std::thread;

pub const MIGRATIONS: &[Migration] = &[Migration {
    id: 1,
    name: "notes",
    sql: "CREATE TABLE note (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
          CREATE TABLE child (
            note BIGINT NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED
          );",
}];

/// The instant at which every unit of these tests is recorded.
pub const NOW: i64 = 1_762_000_000_000_000;

/// Options that every test begins with.
pub fn options(place: Place) -> Options {
    Options {
        place,
        name: "notes".into(),
        migrations: MIGRATIONS,
        clock: Arc::new(|| NOW),
        queue_items: 100,
        watch: None,
    }
}

/// The outcome of a future that has no need to wait; one that waits fails the test.
pub async fn at_once<F: Future>(future: F) -> F::Output {
    tokio::select! {
        biased;
        output = future => output,
        () = ready(()) => panic!("it waits"),
    }
}

pub fn put(unit: &mut Unit, id: i64, text: &str) -> Result<(), StoreError> {
    unit.execute("INSERT INTO note (id, text) VALUES ($1, $2)", params![id, text]).map(drop)
}

pub fn tell(unit: &mut Unit, audience: u64, body: &[u8]) -> Result<u64, StoreError> {
    unit.tell(&Event { division: 141_199, kind: "canbao.test.v1.Noted", audience, body, trace: None })
}

/// Everybody.
pub const ALL: u64 = u64::MAX;

pub async fn notes(store: &Store) -> Vec<(i64, String)> {
    let sql = "SELECT id, text FROM note ORDER BY id";
    let all: Result<_, StoreError> =
        store.read(|view| view.query(sql, params![], |row| Ok((row.int(0)?, row.text(1)?)))).await;
    all.expect("all notes")
}

pub async fn ids(store: &Store) -> Vec<i64> {
    notes(store).await.into_iter().map(|(id, _)| id).collect()
}

/// Keeps the writer busy with a job until it is released. The clock of these tests stands still, so that
/// whatever is queued meanwhile shares the job's group.
pub struct Busy<A> {
    release: mpsc::Sender<()>,
    answer: A,
}

impl Busy<()> {
    pub fn hold_the_group(store: &Store) -> Busy<impl Future<Output = Result<Told<()>, StoreError>> + use<>> {
        let (release, released) = mpsc::channel();
        let (started, begun) = mpsc::channel();
        let answer = store.write(1, move |_: &mut Unit| {
            started.send(()).expect("the test waits");
            released.recv().expect("the test releases");
            Ok::<(), StoreError>(())
        });
        begun.recv().expect("the job begins");
        Busy { release, answer }
    }
}

impl<A: Future> Busy<A> {
    /// The job's own answer.
    pub async fn release(self) -> A::Output {
        self.release.send(()).expect("the job waits");
        self.answer.await
    }
}

/// Waits until a store has a role, on a thread that may wait.
pub fn until(store: &Store, role: Role) {
    let mut roles = store.roles();
    let waiting = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(roles.wait_for(|now| *now == role)).map(drop).expect("it comes to that");
    });
    waiting.join().expect("a role");
}
