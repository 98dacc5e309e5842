//! The subsidy department's own program.

fn main() -> std::process::ExitCode {
    canbao_host::run_department(
        canbao_subsidy::NAME,
        "Subsidy (资助参保与财政补助) of civil affairs and finance",
        canbao_subsidy::server,
    )
}
