"""Sends an event. If it fails, send the event again with the same id: a duplicate is not delivered twice."""

import os
import urllib.request

from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent

event = CloudEvent({"source": "/calls", "type": "call.ended"}, {"cdr_id": 1, "duration": 192})
message = to_structured_event(event)
request = urllib.request.Request(
    os.environ["WEBHOOKS_URL"] + "/v1/events",
    data=message.body,
    headers={**message.headers, "Authorization": "Bearer " + os.environ["ACME_INGEST_KEY"]},
)
with urllib.request.urlopen(request) as response:  # raises an error unless the status is 2xx
    print(response.read().decode())
