package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.ExchangeMemory;
import io.engagementwebhooks.ledger.Reservation;
import org.apache.camel.Exchange;

/**
 * The memory of a request from its body's first byte until its end, or of an incomplete head. It is charged to the
 * caller's account, or to the shared budget of callers without a key. Used by one thread at a time; may be closed
 * repeatedly and by any thread.
 */
public final class RequestMemory implements AutoCloseable {

    private static final String PROPERTY = "webhooksRequestMemory";

    private final Reservation reservation;
    private final UnauthenticatedBudget.Share address;

    private RequestMemory(Reservation reservation, UnauthenticatedBudget.Share address) {
        this.reservation = reservation;
        this.address = address;
    }

    static RequestMemory of(AccountLedger account) {
        return new RequestMemory(account.reserve(0), null);
    }

    /** @param address the share of the client's address, or null: unlimited */
    static RequestMemory unauthenticated(AccountLedger anonymous, UnauthenticatedBudget.Share address) {
        return new RequestMemory(anonymous.reserve(0), address);
    }

    /** Attaches the memory to an exchange until its end. */
    static void attach(Exchange exchange, RequestMemory memory) {
        exchange.setProperty(PROPERTY, memory);
        ExchangeMemory.attach(exchange, memory.reservation);
    }

    /** Releases the memory of an exchange, if it has any. */
    static void release(Exchange exchange) {
        RequestMemory held = exchange.getProperty(PROPERTY, RequestMemory.class);
        if (held != null) {
            held.close();
        }
    }

    /** Reserves more. @return false: there is none left now; the earlier reservation stays */
    boolean tryGrow(long bytes) {
        if (address != null && !address.tryAcquire(bytes)) {
            return false;
        }
        if (reservation.tryGrow(bytes)) {
            return true;
        }
        if (address != null) {
            address.release(bytes);
        }
        return false;
    }

    /** Whether the limit of the caller's address is reached. */
    boolean isAddressFull(long bytes) {
        return address != null && !address.hasSpace(bytes);
    }

    /** The reserved bytes. */
    long bytes() {
        return reservation.bytes();
    }

    /** Releases the reservation. */
    @Override
    public void close() {
        reservation.close();
        if (address != null) {
            address.close();
        }
    }
}
