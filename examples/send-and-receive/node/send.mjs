// Sends an event. If it fails, send the event again with the same id: a duplicate is not delivered twice.
import { CloudEvent, HTTP } from "cloudevents";

const event = new CloudEvent({ source: "/calls", type: "call.ended", data: { cdr_id: 1, duration: 192 } });
const { headers, body } = HTTP.structured(event);
const response = await fetch(`${process.env.WEBHOOKS_URL}/v1/events`, {
  method: "POST",
  headers: { ...headers, authorization: `Bearer ${process.env.ACME_INGEST_KEY}` },
  body,
});
if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
console.log(await response.text());
