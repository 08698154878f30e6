package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.engagementwebhooks.ledger.ExchangeMemory;
import io.engagementwebhooks.ledger.Reservation;
import org.apache.camel.Exchange;

/**
 * Memory that a request holds from its body's first byte until it has ended, or that an unfinished head holds; drawn on its
 * caller's account, or on what callers without a key share. Used by one thread at a time; may be closed more than once and
 * by any thread.
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

    /** @param address what one address has of it, or null: that is not limited */
    static RequestMemory ofStranger(AccountLedger anonymous, UnauthenticatedBudget.Share address) {
        return new RequestMemory(anonymous.reserve(0), address);
    }

    /** The exchange holds it from now on, until its end. */
    static void hold(Exchange exchange, RequestMemory memory) {
        exchange.setProperty(PROPERTY, memory);
        ExchangeMemory.hold(exchange, memory.reservation);
    }

    /** Releases what an exchange holds, if it holds any. */
    static void release(Exchange exchange) {
        RequestMemory held = exchange.getProperty(PROPERTY, RequestMemory.class);
        if (held != null) {
            held.close();
        }
    }

    /** Reserves more. @return false: there is no more at the moment; what was reserved stays so */
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

    /** Whether it is the caller's address that has no more. */
    boolean isAddressFull(long bytes) {
        return address != null && !address.hasRoom(bytes);
    }

    /** Bytes that are reserved. */
    long bytes() {
        return reservation.bytes();
    }

    /** Releases all of it. */
    @Override
    public void close() {
        reservation.close();
        if (address != null) {
            address.close();
        }
    }
}
