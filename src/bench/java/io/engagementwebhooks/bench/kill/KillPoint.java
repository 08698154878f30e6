package io.engagementwebhooks.bench.kill;

/** Where the product is killed: a thread stops at the start or the end of a method. */
enum KillPoint {
    BEFORE_INGEST_COMMIT(
            "before the ingest commit", "io.engagementwebhooks.store.accept.AcceptBatch.write", false, 200),
    AFTER_COMMIT_BEFORE_ANSWER(
            "after the commit, before the 202", "io.engagementwebhooks.ingest.AcceptedResponse.process", true, 200),
    AFTER_TAKING("after taking a delivery", "io.engagementwebhooks.outbox.OutboxConsumer.begin", true, 200),
    BEFORE_SENDING("before the request", "io.engagementwebhooks.deliver.egress.EgressCall.send", true, 200),
    AFTER_BYTES("after the request's bytes", "io.engagementwebhooks.deliver.egress.EgressConnection.send", false, 200),
    BEFORE_RECORD("after the answer, before the record", "io.engagementwebhooks.record.Recorder.record", true, 200),
    AFTER_RECORD("after the record", "io.engagementwebhooks.outbox.DueScheduler.completed", true, 200),
    TOKEN_RENEWAL("during a token's renewal", "io.engagementwebhooks.deliver.oauth2.TokenEndpoint.token", false, 2),
    RETENTION("during retention", "io.engagementwebhooks.store.jdbc.Retention.carryOut", false, 3),
    REPLAY("during a bulk replay", "io.engagementwebhooks.store.query.ReplayJobs.carryOut", false, BulkReplay.STEPS);

    final String words;
    final Method method;
    /** Whether at the method's start; otherwise at its end, which is before the commit for a method that writes. */
    final boolean atBeginning;
    /** The highest number of the pass that is stopped. */
    final int passes;

    /**
     * A method.
     *
     * @param type the class that has it
     * @param name its name; all of that name are meant
     */
    record Method(String type, String name) {
        static Method of(String text) {
            int dot = text.lastIndexOf('.');
            return new Method(text.substring(0, dot), text.substring(dot + 1));
        }
    }

    KillPoint(String words, String method, boolean atBeginning, int passes) {
        this.words = words;
        this.method = Method.of(method);
        this.atBeginning = atBeginning;
        this.passes = passes;
    }
}
