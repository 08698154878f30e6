package io.engagementwebhooks.operate.jmx;

import java.util.Map;

/** What this instance has done, and what its store holds. */
@Described("What this instance has done since it started, and how its store stands")
public interface Figures {

    @Described("Tries since the start, by how they ended; not-sent: our side was not able to send")
    Map<String, Long> getTries();

    @Described("How many of the 256 partitions of webhooks this instance sends for")
    int getPartitionsOwned();

    @Described("Bytes of the store on disk")
    long getStoreBytes();

    @Described("Bytes of the embedded store's write-ahead log; 0: it has none")
    long getWriteAheadLogBytes();

    @Described("Whether events are stored only as fast as deliveries are sent at the moment")
    boolean isPacing();

    @Described("Requests that had to wait for delivery to keep up, since the start")
    long getPacedRequests();

    @ReadOnly
    @Described(
            "What happened to an account's events in the last minutes: events, delivered, try-later, gave-up, skipped")
    Map<String, Long> lately(@Described("account") String account, @Described("minutes") int minutes);

    @ReadOnly
    @Described("How many kept deliveries of an account stand where. It looks at each of them")
    Map<String, Long> deliveries(@Described("account") String account);
}
