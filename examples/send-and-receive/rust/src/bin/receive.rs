//! Receives requests and verifies their signatures.

use http::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::Webhook;
use std::{env, error::Error};
use tiny_http::{Request, Response, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let webhook = Webhook::new(&env::var("ACME_SIGNING_SECRET")?)?;
    let server = Server::http(format!("0.0.0.0:{}", env::var("PORT")?)).map_err(|error| error.to_string())?;
    for mut request in server.incoming_requests() {
        let mut body = Vec::new();
        let status = match verified(&webhook, &mut request, &mut body) {
            Err(_) => 401,
            Ok(id) => {
                // store it here by its webhook-id, respond, then process it
                println!("{id} {}", String::from_utf8_lossy(&body));
                204
            }
        };
        if let Err(error) = request.respond(Response::empty(status)) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

/// Reads the body. Returns the webhook-id.
fn verified(webhook: &Webhook, request: &mut Request, body: &mut Vec<u8>) -> Result<String, Box<dyn Error>> {
    request.as_reader().read_to_end(body)?;
    let mut headers = HeaderMap::new();
    for header in request.headers() {
        let name = HeaderName::from_bytes(header.field.as_str().as_bytes())?;
        headers.append(name, HeaderValue::from_str(header.value.as_str())?);
    }
    webhook.verify(body, &headers)?;
    Ok(headers[standardwebhooks::HEADER_WEBHOOK_ID].to_str()?.to_string())
}
