//! Sends an event. If it fails, send the event again with the same id: a duplicate is not delivered twice.

use cloudevents::{EventBuilder, EventBuilderV10};
use serde_json::json;
use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    let event = EventBuilderV10::new()
        .id(uuid::Uuid::new_v4().to_string())
        .source("/calls")
        .ty("call.ended")
        .data("application/json", json!({"cdr_id": 1, "duration": 192}))
        .build()?;
    // an error unless the status is 2xx
    let mut response = ureq::post(format!("{}/v1/events", env::var("WEBHOOKS_URL")?))
        .header("Authorization", format!("Bearer {}", env::var("ACME_INGEST_KEY")?))
        .header("Content-Type", "application/cloudevents+json")
        .send(serde_json::to_vec(&event)?)?;
    println!("{}", response.body_mut().read_to_string()?);
    Ok(())
}
