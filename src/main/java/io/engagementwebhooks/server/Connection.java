package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * One open connection: who has authenticated on it, and the memory of what it has not sent, or not taken, whole. Memory is
 * used by the connection's event loop alone; the rest is thread-safe.
 */
final class Connection {

    static final AttributeKey<Connection> KEY = AttributeKey.valueOf(Connection.class, "webhooks");

    private static final int MOST_VICTIMS = 16;

    private final Connections all;
    private final Channel channel;
    private final String address;
    private volatile String account;
    private volatile boolean busy;
    private boolean closed;
    private AccountLedger ledger;
    private RequestMemory memory;

    /** @param address the network it comes from, or null: a trusted proxy's */
    Connection(Connections all, Channel channel, String address) {
        this.all = all;
        this.channel = channel;
        this.address = address;
    }

    /** The one that a request came by, or null: it came by none of a server of ours. */
    static Connection of(HttpServerRequest request) {
        return request.connection() instanceof ConnectionBase base
                ? base.channel().attr(KEY).get()
                : null;
    }

    String address() {
        return address;
    }

    String account() {
        return account;
    }

    void account(String id) {
        account = id;
    }

    /** A caller has shown his key; the first one's account pays for what the connection holds from now on. */
    void authenticated(AccountLedger caller) {
        if (account == null) {
            release();
            ledger = caller;
            all.authenticated(this, caller.account());
        }
    }

    /** Whether a request is under work. */
    boolean isBusy() {
        return busy;
    }

    void busy(boolean now) {
        busy = now;
    }

    /**
     * Says how much it holds now; the oldest connections of strangers that hold something make room.
     *
     * @return false: there is no room, and it is to be closed
     */
    boolean holds(long bytes) {
        if (closed) {
            return true;
        }
        if (memory == null) {
            memory = ledger == null ? all.memory(this) : RequestMemory.of(ledger);
            if (ledger == null) {
                all.holdsMemory(this);
            }
        }
        long more = bytes - memory.bytes();
        if (more <= 0) {
            return true;
        }
        for (int victims = 0; !memory.tryGrow(more); victims++) {
            if (ledger != null || victims == MOST_VICTIMS || !all.evictFor(this, memory.isAddressFull(more))) {
                return false;
            }
        }
        return true;
    }

    /** It holds nothing any more. */
    void release() {
        if (memory != null) {
            memory.close();
            memory = null;
            if (ledger == null) {
                all.holdsNoMemory(this);
            }
        }
    }

    /** Closes it, from any thread. */
    void close() {
        RequestMemory held = memory;
        if (held != null) {
            held.close();
        }
        channel.close();
    }

    /** It is closed. */
    void closed() {
        closed = true;
        release();
        all.closed(this);
    }
}
