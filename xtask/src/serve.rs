//! The local static server: what any web host does with dist/, on 127.0.0.1 only.

use std::io::{ErrorKind, Write as _};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// How long a download that is still running may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(1);

/// Serves `folder` until Ctrl-C or a request to terminate.
pub(crate) fn run(folder: &Path, port: u16) -> Result<()> {
    ensure!(
        folder.join("index.html").is_file(),
        "there is no index.html in {}; ./build.sh builds the site",
        folder.display()
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(port).await?;
        println!("Serving {} at http://{}/", folder.display(), listener.local_addr()?);
        println!("Ctrl-C ends it.");
        std::io::stdout().flush()?;
        let server = axum::serve(listener, router(folder)).with_graceful_shutdown(told_to_stop());
        tokio::select! {
            ended = server => ended?,
            () = async { told_to_stop().await; tokio::time::sleep(GRACE).await } => {}
        }
        Ok(())
    })
}

async fn bind(port: u16) -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} on 127.0.0.1 is taken by another program; \
             choose one with --port (0 takes any free one)"
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on port {port} of 127.0.0.1")),
    }
}

/// Files by their path with their MIME type; browsers ask again each time, so that a rebuilt site is
/// seen at once.
fn router(folder: &Path) -> Router {
    Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, HeaderValue::from_static("no-cache")))
        .layer(SetResponseHeaderLayer::overriding(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
}

async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};

    use super::*;

    /// Serves `folder` on a free port for as long as the process lives.
    fn serve(folder: &Path) -> SocketAddr {
        let router = router(folder);
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = bind(0).await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        receiver.recv().unwrap()
    }

    /// One request over a real connection: status, headers by lower-case name, body.
    fn get(address: SocketAddr, path: &str) -> (u16, HashMap<String, String>, Vec<u8>) {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let (status, headers) = head.split_once("\r\n").unwrap();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let headers = headers
            .lines()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        (status, headers, answer[end + 4..].to_vec())
    }

    #[test]
    fn every_kind_of_file_has_its_mime_type_and_is_not_cached() {
        let folder = tempfile::tempdir().unwrap();
        let kinds = [
            ("index.html", "text/html"),
            ("style.css", "text/css"),
            ("main.js", "text/javascript"),
            ("icon.svg", "image/svg+xml"),
            ("covid_classifier_bg.wasm", "application/wasm"),
            ("manifest.json", "application/json"),
            ("manifest.webmanifest", "application/manifest+json"),
            ("texture.safetensors", "application/octet-stream"),
        ];
        for (name, _) in kinds {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let address = serve(folder.path());
        for (name, kind) in kinds {
            let (status, headers, body) = get(address, &format!("/{name}"));
            assert_eq!(status, 200, "{name}");
            assert_eq!(headers["content-type"], kind, "{name}");
            assert_eq!(headers["cache-control"], "no-cache", "{name}");
            assert_eq!(headers["x-content-type-options"], "nosniff", "{name}");
            assert_eq!(body, name.as_bytes());
        }
        let (status, _, body) = get(address, "/");
        assert_eq!((status, body.as_slice()), (200, b"index.html".as_slice()));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let outer = tempfile::tempdir().unwrap();
        fs::write(outer.path().join("secret.txt"), "secret").unwrap();
        let folder = outer.path().join("dist");
        fs::create_dir(&folder).unwrap();
        let address = serve(&folder);
        for path in ["/missing.js", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"] {
            let (status, _, body) = get(address, path);
            assert_eq!(status, 404, "{path}");
            assert!(!body.windows(6).any(|six| six == b"secret"), "{path}");
        }
    }

    #[test]
    fn taken_port_is_said_plainly() {
        let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "").unwrap();
        let message = run(folder.path(), port).unwrap_err().to_string();
        assert!(message.contains(&format!("port {port}")), "{message}");
        assert!(message.contains("--port"), "{message}");
    }

    #[test]
    fn folder_without_a_site_is_said_plainly() {
        let folder = tempfile::tempdir().unwrap();
        let message = run(folder.path(), 0).unwrap_err().to_string();
        assert!(message.contains("build.sh"), "{message}");
    }
}
