package io.engagementwebhooks.bench.kill;

/** Where the product is killed: a thread of it stands still at the beginning or the end of one of its methods. */
enum KillPoint {
    BEFORE_INGEST_COMMIT("before the ingest commit", "io.engagementwebhooks.store.sqlite.Writes", "accept", false, 200),
    AFTER_COMMIT_BEFORE_ANSWER(
            "after the commit, before the 202", "io.engagementwebhooks.ingest.AcceptedAnswer", "process", true, 200),
    AFTER_TAKING("after taking a delivery", "io.engagementwebhooks.outbox.DueDeliveries", "takeFor", false, 200),
    BEFORE_SENDING("before the request", "io.engagementwebhooks.deliver.egress.ReceiverClient", "doExecute", true, 200),
    AFTER_BYTES(
            "after the request's bytes",
            "org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection",
            "receiveResponseHeader",
            true,
            200),
    BEFORE_RECORD(
            "after the answer, before the record",
            "io.engagementwebhooks.record.OutcomeRecording",
            "process",
            true,
            200),
    AFTER_RECORD("after the record", "io.engagementwebhooks.outbox.Outbox", "finished", true, 200),
    TOKEN_RENEWAL("during a token's renewal", "io.engagementwebhooks.deliver.oauth2.TokenEndpoint", "send", false, 2),
    RETENTION("during retention", "io.engagementwebhooks.store.sqlite.Retention", "carryOut", false, 3),
    REPLAY("during replays", "io.engagementwebhooks.store.sqlite.Writes", "replay", false, 30);

    final String words;
    final String type;
    final String method;
    /** Whether at the method's beginning; else at its end, which for a method that writes is before the commit. */
    final boolean atBeginning;
    /** The highest number of the pass that is stopped. */
    final int passes;

    KillPoint(String words, String type, String method, boolean atBeginning, int passes) {
        this.words = words;
        this.type = type;
        this.method = method;
        this.atBeginning = atBeginning;
        this.passes = passes;
    }
}
