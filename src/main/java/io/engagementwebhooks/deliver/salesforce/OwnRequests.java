package io.engagementwebhooks.deliver.salesforce;

import io.engagementwebhooks.deliver.OutgoingRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests of webhooks' own that are under way. Between an exchange and the request that Camel makes of it only headers of
 * the message go, which logs and tracers show: so a number goes there, and the request finds its headers and its query here.
 * Thread-safe.
 */
final class OwnRequests {

    private final Map<String, OutgoingRequest> underWay = new ConcurrentHashMap<>();
    private final AtomicLong last = new AtomicLong();

    /** Keeps one until it is {@link #over}. @return its number */
    String keep(OutgoingRequest request) {
        String number = Long.toString(last.incrementAndGet());
        underWay.put(number, request);
        return number;
    }

    /** @throws IllegalStateException if it is over: without what is its own it must not be sent */
    OutgoingRequest of(String number) {
        OutgoingRequest request = underWay.get(number);
        if (request == null) {
            throw new IllegalStateException("a request of a webhook's own was to be sent after its try had ended");
        }
        return request;
    }

    void over(String number) {
        underWay.remove(number);
    }
}
