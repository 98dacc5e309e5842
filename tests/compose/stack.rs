//! The project's own compose file, started with an image made here.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex, Weak, atomic},
    thread,
    time::{Duration, Instant},
};

use canbao_host::DEPARTMENTS;
use canbao_tests::{OPENING, Process, program};

/// The top of the project.
const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// A container that is not healthy by then never will be.
const PATIENCE: Duration = Duration::from_secs(90);

/// Why containers cannot be started here; none when they can.
pub fn missing() -> Option<String> {
    let tries: [&[&str]; 2] = [&["docker", "info"], &["docker-compose", "version"]];
    if let Some(why) = tries.iter().find_map(|words| told(&mut command(words)).err()) {
        return Some(why);
    }
    let base = told(&mut command(&["docker", "image", "inspect", "canbao-base:bookworm"]));
    base.or_else(|_| told(&mut command(&["debootstrap", "--version"]))).err()
}

/// Services that run in containers, until dropped.
pub struct Stack {
    project: String,
    addresses: [SocketAddr; 4],
    image: Arc<Image>,
}

impl Stack {
    /// Starts services of the compose file on free ports, in a project of their own; they are healthy when this returns.
    pub fn up(services: &[&str]) -> Self {
        static STACKS: atomic::AtomicU32 = atomic::AtomicU32::new(0);
        let place = STACKS.fetch_add(1, atomic::Ordering::Relaxed);
        let project = format!("canbao-test-{}-{place}", std::process::id());
        let stack = Self { project, addresses: Process::free_addresses(), image: Image::get() };
        stack.compose(&["up", "--no-build", "-d"], services);
        stack.until_healthy(services);
        stack
    }

    /// Where the four departments are, or would be.
    pub fn addresses(&self) -> [SocketAddr; 4] {
        self.addresses
    }

    /// Kills a service's container with SIGKILL.
    pub fn kill(&self, service: &str) {
        self.compose(&["kill", "-s", "SIGKILL"], &[service]);
    }

    /// Starts a killed container again; it is healthy when this returns.
    pub fn start(&self, service: &str) {
        self.compose(&["start"], &[service]);
        self.until_healthy(&[service]);
    }

    fn until_healthy(&self, services: &[&str]) {
        for service in services {
            let container = self.compose(&["ps", "-q"], &[service]);
            let ask = ["docker", "inspect", "-f", "{{.State.Health.Status}}", container.trim()];
            let begun = Instant::now();
            loop {
                let state = done(&mut command(&ask));
                match state.trim() {
                    "healthy" => break,
                    "starting" if begun.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(50)),
                    other => panic!("{service} is {other}: {}", self.compose(&["logs", "--no-color"], &[])),
                }
            }
        }
    }

    fn compose(&self, words: &[&str], services: &[&str]) -> String {
        done(self.command().args(words).args(services))
    }

    fn command(&self) -> Command {
        let mut command = command(&["docker-compose", "-p", &self.project]);
        command.current_dir(TOP).env("CANBAO_IMAGE", &self.image.tag).env("CANBAO_CLOCK", OPENING);
        for (department, address) in DEPARTMENTS.iter().zip(self.addresses) {
            command.env(format!("CANBAO_{}", department.to_uppercase()), address.to_string());
        }
        command
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // A test that fails already must not abort here.
        drop(self.command().args(["down", "-v", "-t", "40"]).output());
    }
}

/// The image with the programs of this build; removed when nobody uses it any more.
struct Image {
    tag: String,
}

impl Image {
    /// The image, made when there is none.
    fn get() -> Arc<Self> {
        static MADE: Mutex<Weak<Image>> = Mutex::new(Weak::new());
        let mut made = MADE.lock().expect("no image failed to build before");
        made.upgrade().unwrap_or_else(|| {
            let image = Arc::new(Self::build());
            *made = Arc::downgrade(&image);
            image
        })
    }

    fn build() -> Self {
        let files = Path::new(TOP).join("tests/compose");
        done(Command::new("bash").arg(files.join("base.sh")));
        let context = tempfile::tempdir().expect("a temporary folder");
        let names = DEPARTMENTS.map(|department| format!("canbao-{department}"));
        for name in names.iter().map(String::as_str).chain(["canbao"]) {
            fs::copy(program(name), context.path().join(name)).expect("the program is copied");
        }
        fs::copy(files.join("Dockerfile"), context.path().join("Dockerfile")).expect("a copy");
        let tag = format!("canbao-test:{}", std::process::id());
        done(command(&["docker", "build", "-q", "-t", &tag, "."]).current_dir(context.path()));
        Self { tag }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        drop(command(&["docker", "rmi", &self.tag]).output());
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// What a command says when it does what it should; the test fails otherwise.
fn done(command: &mut Command) -> String {
    told(command).unwrap_or_else(|why| panic!("{why}"))
}

fn told(command: &mut Command) -> Result<String, String> {
    let named = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{named}: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{named}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}
