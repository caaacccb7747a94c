//! `roundsman`: the server, and the commands on its data folder.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use server::auth::password;
use server::clock::SystemClock;
use server::error::{ApiError, ApiResult};
use server::ops::folder::DataFolder;
use server::ops::terminal::Terminal;
use server::ops::{self, Command, Format, REFUSED, Report, control, folder};
use server::router::{Listening, tls};
use server::state::SharedApp;
use shared::limits;
use shared::problem::Code;
use shared::reference::Role;

/// Many threads make and drop documents: glibc's allocator takes longer for it, and keeps more.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Parser)]
#[command(name = "roundsman", version, about = "Head office: receives field work, merges it, and alone scores it")]
struct Cli {
    /// The data folder
    #[arg(long, global = true, value_name = "DIR", default_value = "roundsman-data")]
    data: PathBuf,
    #[command(subcommand)]
    command: Top,
}

#[derive(Subcommand)]
enum Top {
    /// Run the server
    Serve {
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Speak HTTPS, with this certificate chain (PEM)
        #[arg(long, value_name = "FILE", requires = "tls_key")]
        tls_cert: Option<PathBuf>,
        /// The certificate's key (PEM)
        #[arg(long, value_name = "FILE", requires = "tls_cert")]
        tls_key: Option<PathBuf>,
    },
    /// Recompute what was published, from an exported revision or a receipt with its proof, and check its signature
    Verify {
        /// As `roundsman export revision` or `roundsman explain --format json` writes it
        file: PathBuf,
        /// The server's public key, pinned: base64url, or a file that holds it
        #[arg(long, allow_hyphen_values = true)]
        key: String,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Put a backup in the place of the data; devices bring again what it lacks
    Restore { file: PathBuf },
    #[command(flatten)]
    Command(Command),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut terminal = Terminal::default();
    let result = match cli.command {
        Top::Serve { listen, tls_cert, tls_key } => serve(&cli.data, listen, tls_cert.zip(tls_key)),
        Top::Verify { file, key, format } => ops::verify::verify(&file, &key, format, &mut terminal),
        Top::Restore { file } => restore(&cli.data, &file, &mut terminal),
        Top::Command(command) => run(&cli.data, command, &mut terminal),
    };
    ExitCode::from(result.unwrap_or_else(|error| {
        terminal.err(&format!("{}\n", ops::sentence(&error)));
        REFUSED
    }))
}

/// Runs a command here, or in the server that holds the folder.
fn run(data: &Path, command: Command, terminal: &mut Terminal) -> ApiResult<u8> {
    let command = with_absolute_paths(command)?;
    // A mistyped folder is not made into an empty district.
    if !matches!(command, Command::Import { .. }) && !folder::database(data).exists() {
        return Err(ApiError::with(Code::NotFound, format!("there is no data in {}: import a district first", data.display())));
    }
    let give_up = Instant::now() + Duration::from_secs(limits::FOLDER_WAIT_SECONDS);
    loop {
        if let Some(folder) = DataFolder::take(data)? {
            let app = folder.open(Arc::new(SystemClock))?;
            server::materialise::settle(&app)?;
            return Ok(ops::run(&app, &command, terminal));
        }
        if let Some(stream) = control::connect(&folder::socket(data)) {
            return control::send(stream, &command, terminal);
        }
        // Whoever holds the folder is starting, ending, or another command: each takes a moment.
        if Instant::now() > give_up {
            return Err(ApiError::with(Code::InUse, format!("another process holds {}, and takes no commands", data.display())));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The server's working folder is another than the command's.
fn with_absolute_paths(mut command: Command) -> ApiResult<Command> {
    if let Command::Scheme { what } = &mut command {
        what.make_files_absolute().map_err(|e| ApiError::with(Code::Invalid, e))?;
        return Ok(command);
    }
    let (Command::Import { folder: path, .. }
    | Command::ImportRescue { file: path, .. }
    | Command::Backup { file: path }
    | Command::Width { what: ops::WidthCommand::Fit { out: Some(path), .. } }
    | Command::Festival { what: ops::FestivalCommand::Fit { out: Some(path), .. } }) = &mut command
    else {
        return Ok(command);
    };
    *path = std::path::absolute(&*path).map_err(|e| ApiError::with(Code::Invalid, e))?;
    Ok(command)
}

fn restore(data: &Path, file: &Path, terminal: &mut Terminal) -> ApiResult<u8> {
    let Some(folder) = DataFolder::take(data)? else {
        return Err(ApiError::with(Code::InUse, format!("a server runs on {}: stop it first", data.display())));
    };
    folder::restore(&folder, file, &SystemClock, terminal)
}

fn serve(data: &Path, listen: SocketAddr, tls: Option<(PathBuf, PathBuf)>) -> ApiResult<u8> {
    let acceptor = tls.map(|(chain, key)| tls::acceptor(&chain, &key)).transpose().map_err(|why| ApiError::with(Code::Invalid, why))?;
    server::telemetry::start_log(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    let Some(folder) = DataFolder::take(data)? else {
        return Err(ApiError::with(Code::InUse, format!("another process holds {}", data.display())));
    };
    let app = folder.open(Arc::new(SystemClock))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ApiError::internal)?;
    let unreachable = |e: std::io::Error| ApiError::with(Code::Invalid, format!("{listen}: {e}"));
    runtime.block_on(async {
        let listener = server::serve::listen(listen).map_err(unreachable)?;
        let address = listener.local_addr().map_err(unreachable)?;
        let control = control::listen(folder::socket(data)).map_err(ApiError::internal)?;
        println!("roundsman listens on {}", server::serve::url(address, acceptor.is_some()));
        way_in(&app)?;
        let listening = match acceptor {
            Some(acceptor) => Listening::Tls(listener, acceptor),
            None => Listening::Plain(listener),
        };
        server::serve::serve(app.clone(), listening, control, stop_signal()).await.map_err(unreachable)
    })?;
    println!("roundsman has ended");
    Ok(ops::DONE)
}

/// The first start says how to get in.
fn way_in(app: &SharedApp) -> ApiResult<()> {
    if app.store.has_passwords()? {
        return Ok(());
    }
    let directory = app.directory();
    let admin = directory.reference.people.values().find(|person| person.role == Role::Admin);
    let login = admin.map_or(password::FIRST_LOGIN, |person| person.login.as_str());
    println!("first start: sign in with\n  login     {login}\n  password  {}", password::reset(app, login, server::decisions::OPERATOR)?);
    Ok(())
}

async fn stop_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
