//! A client nobody here wrote: Python, gRPC and reflection, without a line of generated code.

use std::{env, net::SocketAddr, path::Path, process::Stdio};

use canbao_tests::{OPENING, Process, Running, left_out};
use tokio::process::Command;

/// The Python that has gRPC: the one named by `CANBAO_PYTHON`, or the machine's.
async fn python() -> Result<String, String> {
    let python = env::var("CANBAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let import = ["-c", "import grpc, grpc_reflection, grpc_status"];
    let tried = Command::new(&python).args(import).output().await;
    match tried.map_err(|error| format!("{python}: {error}"))? {
        output if output.status.success() => Ok(python),
        output => Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned()),
    }
}

/// Lets the stranger play the walkthrough against four addresses.
async fn walk(python: &str, addresses: [SocketAddr; 4]) {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("stranger/walkthrough.py");
    let mut command = Command::new(python);
    command
        .arg(program)
        .args(addresses.map(|address| address.to_string()))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let played = command.stdin(Stdio::null()).output().await.expect("the stranger starts");
    let (said, wrong) = (String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success(), "{said}{wrong}");
    assert!(said.ends_with("as the notice says\n"), "{said}");
}

#[tokio::test]
async fn a_stranger_learns_the_contracts_and_walks_through_one_process() {
    let python = match python().await {
        Ok(python) => python,
        Err(why) => return left_out("the stranger in one process", "python", &why),
    };
    let running = Running::start().await;
    walk(&python, running.suite.addresses).await;
    running.stop().await;
}

#[tokio::test]
async fn a_stranger_learns_the_contracts_and_walks_through_four_processes() {
    let python = match python().await {
        Ok(python) => python,
        Err(why) => return left_out("the stranger and four processes", "python", &why),
    };
    let data = tempfile::tempdir().unwrap();
    let addresses = Process::free_addresses();
    let clock = format!("--clock={OPENING}");
    let start = |name: &&str| Process::department(name, data.path(), addresses, &[&clock]);
    let mut processes: Vec<Process> = canbao_host::DEPARTMENTS.iter().map(start).collect();
    for (process, address) in processes.iter_mut().zip(addresses) {
        process.ready(address).await;
    }
    walk(&python, addresses).await;
    for process in processes {
        assert!(process.stop().success(), "a drain without trouble");
    }
}
