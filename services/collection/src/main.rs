//! The collection department's own program.

fn main() -> std::process::ExitCode {
    canbao_host::run_department(
        canbao_collection::NAME,
        "Collection (征缴) of the tax bureau",
        canbao_collection::server,
    )
}
