package io.engagementwebhooks.api.inbox;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A test inbox. Immutable.
 *
 * @param usedAt when it was created, changed, or received a request
 * @param status of its responses
 * @param delay before a response
 * @param requests newest first
 */
record Inbox(String id, Instant usedAt, int status, Duration delay, List<ReceivedRequest> requests) {

    /** Limit of its requests. */
    static final int MOST_REQUESTS = 50;

    private static final int NO_CONTENT = 204;

    static Inbox empty(String id, Instant now) {
        return new Inbox(id, now, NO_CONTENT, Duration.ZERO, List.of());
    }

    Inbox answering(int with, Duration after, Instant now) {
        return new Inbox(id, now, with, after, requests);
    }

    /** With one request more, the oldest dropped beyond {@link #MOST_REQUESTS}. */
    Inbox with(ReceivedRequest request) {
        List<ReceivedRequest> all = new ArrayList<>();
        all.add(request);
        all.addAll(requests.subList(0, Math.min(requests.size(), MOST_REQUESTS - 1)));
        return new Inbox(id, request.at(), status, delay, List.copyOf(all));
    }

    /** With the requests received after a time. */
    Inbox since(Instant oldest) {
        return with(requests.stream()
                .filter(request -> request.at().isAfter(oldest))
                .toList());
    }

    Inbox withoutOldest() {
        return with(requests.subList(0, requests.size() - 1));
    }

    private Inbox with(List<ReceivedRequest> kept) {
        return new Inbox(id, usedAt, status, delay, List.copyOf(kept));
    }

    long size() {
        return requests.stream().mapToLong(ReceivedRequest::size).sum();
    }
}
