//! Programs of the suite as processes of their own, to be asked from outside and to be killed.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use canbao::{healthcheck, healthcheck_of};
use canbao_host::{DEPARTMENTS, Settings};

/// The path of one of the suite's programs, such as `canbao` or `canbao-collection`, built as `cargo build` builds it.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        // Testing the workspace does not build the programs of other packages. Nothing is compiled twice here.
        let build = Command::new(env!("CARGO")).args(["build", "--quiet", "--workspace", "--bins"]).status();
        assert!(build.is_ok_and(|status| status.success()), "the programs do not build");
        let test = env::current_exe().expect("the path of this test");
        test.ancestors().nth(2).expect("target/debug/deps/test").to_owned()
    });
    folder.join(name)
}

/// A program that runs until it is killed, stopped or dropped.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program with flags; what it logs goes nowhere.
    pub fn start(name: &str, flags: &[&str]) -> Self {
        let mut command = Command::new(program(name));
        command.args(flags).stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        Self { child: command.spawn().expect("the program starts") }
    }

    /// Starts a department's own program in a data folder, told where all four are.
    pub fn department(name: &str, data: &Path, addresses: [SocketAddr; 4], more: &[&str]) -> Self {
        let mut flags = vec![format!("--data={}", data.display())];
        flags
            .extend(DEPARTMENTS.iter().zip(addresses).map(|(department, at)| format!("--{department}={at}")));
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Self::start(&format!("canbao-{name}"), &flags)
    }

    /// Four free addresses, for programs that are told where to listen. No two calls give the same, and they lie below
    /// what the system gives to connections, so that nobody else takes one before its program listens.
    pub fn free_addresses() -> [SocketAddr; 4] {
        static GIVEN: AtomicU16 = AtomicU16::new(0);
        let first = 20_000 + u16::try_from(std::process::id() % 100).expect("a small number") * 100;
        DEPARTMENTS.map(|_| {
            loop {
                let given = GIVEN.fetch_add(1, Ordering::Relaxed);
                let port = 20_000 + (first - 20_000 + given) % 12_000;
                if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
                    break listener.local_addr().expect("its address");
                }
            }
        })
    }

    /// Waits until a server answers that it is serving; fails when the program has ended instead.
    pub async fn ready(&mut self, address: SocketAddr) {
        while healthcheck(address).await.is_err() {
            assert!(
                self.child.try_wait().expect("its state").is_none(),
                "the program ended before it was serving"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until a department answers that it is serving, asked as its settings say.
    pub async fn ready_as(&mut self, settings: &Settings, department: &str) {
        while healthcheck_of(settings, department).await.is_err() {
            assert!(
                self.child.try_wait().expect("its state").is_none(),
                "the program ended before it was serving"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with SIGKILL: nothing of it runs any more.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }

    /// Asks it to stop with SIGTERM, and waits for its end.
    pub fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.is_ok_and(|asked| asked.success()), "it was asked to stop");
        self.child.wait().expect("it ended")
    }
}

impl From<Child> for Process {
    fn from(child: Child) -> Self {
        Self { child }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already, mostly.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
