package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** Statistics of this instance and its store. */
@Described("Statistics of this instance since its start, and the size of its store")
public interface Statistics {

    @Described("Attempts since the start, by outcome; not-sent: we could not send")
    Map<String, Long> getAttempts();

    @Described("How many of the 256 partitions of webhooks this instance owns")
    int getPartitionsOwned();

    @Described("Bytes of the store on disk")
    long getStoreBytes();

    @Described("Bytes of the embedded store's write-ahead log; 0: none")
    long getWriteAheadLogBytes();

    @Described("Whether back-pressure limits ingest to the rate of deliveries now")
    boolean isThrottling();

    @Described("Ingest requests delayed by back-pressure since the start")
    long getThrottledRequests();

    @ReadOnly
    @Described("Events and outcomes of an account in the last minutes: events, delivered, try-later, gave-up, skipped")
    Map<String, Long> recent(@Described("account") String account, @Described("minutes") int minutes);

    @ReadOnly
    @Described("Kept deliveries of an account by state. It counts each of them")
    Map<String, Long> deliveries(@Described("account") String account);
}
