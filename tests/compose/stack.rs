//! The project's own compose file, started with images made here.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use canbao::Player;
use canbao_host::{Address, DEPARTMENTS};
use canbao_tests::{DIVISION, OPENING, Process, program};
use tempfile::TempDir;

/// The top of the project.
const TOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// A container that is not healthy by then never will be.
const PATIENCE: Duration = Duration::from_secs(90);
/// The image of PostgreSQL that tests/compose/postgres.sh makes.
const POSTGRES: &str = "canbao-postgres:bookworm";

/// Why containers cannot be started here; none when they can.
pub fn missing() -> Option<String> {
    let tries: [&[&str]; 2] = [&["docker", "info"], &["docker-compose", "version"]];
    if let Some(why) = tries.iter().find_map(|words| told(&mut command(words)).err()) {
        return Some(why);
    }
    let image = told(&mut command(&["docker", "image", "inspect", POSTGRES]));
    image.or_else(|_| told(&mut command(&["debootstrap", "--version"]))).err()
}

/// Everything of the compose file, running, until dropped; one at a time.
pub struct Stack {
    project: String,
    addresses: [SocketAddr; 4],
    image: String,
    clients: TempDir,
    /// Two stacks at once would be twice as slow, and no sooner done.
    _alone: MutexGuard<'static, ()>,
}

impl Stack {
    /// Starts everything on free ports, in a project of its own; all of it is healthy when this returns.
    pub fn up() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let project = format!("canbao-test-{}", std::process::id());
        let stack = Self {
            addresses: Process::free_addresses(),
            image: project.replace("-test-", "-test:"),
            clients: tempfile::tempdir().expect("a temporary folder"),
            project,
            _alone: alone,
        };
        stack.build_images();
        stack.again();
        stack
    }

    /// Starts what does not run, and takes the clients' certificates, which are new.
    pub fn again(&self) {
        self.compose(&["up", "--no-build", "-d"]);
        self.until_healthy(&["database"]);
        self.until_healthy(&DEPARTMENTS);
        let certificates = self.container("certificates");
        let own = self.clients.path().join(DIVISION);
        drop(fs::remove_dir_all(&own));
        let from = format!("{certificates}:/certificates/{DIVISION}");
        done(command(&["docker", "cp", &from]).arg(&own));
    }

    /// Removes all containers, and keeps the volumes.
    pub fn down(&self) {
        self.compose(&["down", "-t", "40"]);
    }

    /// A client of the four departments, with the certificates of its callers.
    pub fn player(&self) -> Player {
        let addresses = self.addresses.map(|at| at.to_string().parse::<Address>().expect("an address"));
        let division = DIVISION.parse().expect("a division");
        Player::certified(&addresses, self.clients.path(), division).expect("the certificates")
    }

    /// Kills a service's container with SIGKILL.
    pub fn kill(&self, service: &str) {
        self.compose(&["kill", "-s", "SIGKILL", service]);
    }

    /// Starts a killed container; it is healthy when this returns.
    pub fn start(&self, service: &str) {
        self.compose(&["start", service]);
        self.until_healthy(&[service]);
    }

    /// Takes a service's container off the network.
    pub fn cut(&self, service: &str) {
        let network = format!("{}_default", self.project);
        done(&mut command(&["docker", "network", "disconnect", &network, &self.container(service)]));
    }

    /// Puts a container back on the network, under its own name.
    pub fn heal(&self, service: &str) {
        let network = format!("{}_default", self.project);
        let container = self.container(service);
        done(&mut command(&["docker", "network", "connect", "--alias", service, &network, &container]));
        self.until_healthy(&[service]);
    }

    /// What Docker says about a service's container.
    pub fn inspect(&self, service: &str, format: &str) -> String {
        done(&mut command(&["docker", "inspect", "-f", format, &self.container(service)])).trim().to_owned()
    }

    /// What a command in a service's container says, or why it fails.
    pub fn inside(&self, service: &str, words: &[&str]) -> Result<String, String> {
        let container = self.container(service);
        let said = told(command(&["docker", "exec", &container]).args(words));
        said.map(|said| said.trim().to_owned())
    }

    /// The rows of a query, a line each, asked of a department's database by the superuser.
    pub fn rows(&self, department: &str, sql: &str) -> Vec<String> {
        let said = self.inside("database", &["psql", "-qtA", "-U", "postgres", "-d", department, "-c", sql]);
        said.unwrap_or_else(|why| panic!("{sql}: {why}")).lines().map(str::to_owned).collect()
    }

    /// Every line of the log of each container that is there.
    pub fn log(&self) -> String {
        self.compose(&["logs", "--no-color"])
    }

    fn until_healthy(&self, services: &[&str]) {
        for service in services {
            let begun = Instant::now();
            loop {
                let state = self.inspect(service, "{{.State.Status}} {{.State.Health.Status}}");
                match state.as_str() {
                    "running healthy" => break,
                    _ if begun.elapsed() > PATIENCE => panic!("{service} is {state}: {}", self.logs()),
                    _ => thread::sleep(Duration::from_millis(50)),
                }
            }
        }
    }

    fn container(&self, service: &str) -> String {
        // Of a project's service there is one container.
        let label = |name, value| format!("label=com.docker.compose.{name}={value}");
        let (project, service) = (label("project", self.project.as_str()), label("service", service));
        let ask = ["docker", "ps", "-aq", "-f", &project, "-f", &service];
        done(&mut command(&ask)).trim().to_owned()
    }

    fn logs(&self) -> String {
        let output = self.command().args(["logs", "--no-color", "--tail=40"]).output();
        output.map_or_else(|why| why.to_string(), |said| String::from_utf8_lossy(&said.stdout).into_owned())
    }

    fn compose(&self, words: &[&str]) -> String {
        told(self.command().args(words)).unwrap_or_else(|why| panic!("{why}\n{}", self.logs()))
    }

    fn command(&self) -> Command {
        let mut command = command(&["docker-compose", "-p", &self.project]);
        command.current_dir(TOP).env("CANBAO_IMAGE", &self.image).env("CANBAO_CLOCK", OPENING);
        command.env("CANBAO_POSTGRES_IMAGE", POSTGRES);
        for (department, address) in DEPARTMENTS.iter().zip(self.addresses) {
            command.env(format!("CANBAO_{}_PORT", department.to_uppercase()), address.port().to_string());
        }
        command
    }

    /// The image with the programs of this build, and that of PostgreSQL.
    fn build_images(&self) {
        let files = Path::new(TOP).join("tests/compose");
        done(Command::new("bash").arg(files.join("postgres.sh")));
        let context = tempfile::tempdir().expect("a temporary folder");
        let names = DEPARTMENTS.map(|department| format!("canbao-{department}"));
        for name in names.iter().map(String::as_str).chain(["canbao"]) {
            fs::copy(program(name), context.path().join(name)).expect("the program is copied");
        }
        fs::copy(files.join("Dockerfile"), context.path().join("Dockerfile")).expect("a copy");
        done(command(&["docker", "build", "-q", "-t", &self.image, "."]).current_dir(context.path()));
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.logs());
        }
        // A test that fails already must not abort here.
        drop(self.command().args(["down", "-v", "-t", "10"]).output());
        drop(command(&["docker", "rmi", &self.image]).output());
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
