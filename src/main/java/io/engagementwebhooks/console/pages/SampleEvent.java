package io.engagementwebhooks.console.pages;

/** An event to try webhooks with where no real one is at hand: the end of a call. */
final class SampleEvent {

    static final String TEXT =
            """
            {
              "specversion": "1.0",
              "id": "sample-1",
              "source": "/sample/calls",
              "type": "call.ended",
              "subject": "call/914022177",
              "time": "2026-11-24T09:31:07Z",
              "data": {
                "cdr_id": 914022177,
                "direction": "inbound",
                "start": "2026-11-24T09:27:55Z",
                "duration": 192,
                "answered": true,
                "outcome": "quality",
                "anum": "+4670123xxx",
                "bnum": "+46850550100",
                "source_name": "Autumn campaign",
                "source_media": "search",
                "agent": {"id": "a-17", "email": "agent17@example.com"},
                "web": {"utm": {"source": "google", "medium": "cpc", "campaign": "autumn"}}
              }
            }""";

    private SampleEvent() {}
}
