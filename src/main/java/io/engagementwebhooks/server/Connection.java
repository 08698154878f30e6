package io.engagementwebhooks.server;

import io.engagementwebhooks.ledger.AccountLedger;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * An open connection: its account, and the memory of unfinished requests and responses. The memory is used by the
 * connection's event loop only; the rest is thread-safe.
 */
final class Connection {

    static final AttributeKey<Connection> KEY = AttributeKey.valueOf(Connection.class, "webhooks");

    private static final int MAX_VICTIMS = 16;

    private final Connections connections;
    private final Channel channel;
    private final String address;
    private volatile String account;
    private volatile boolean busy;
    private boolean closed;
    private AccountLedger ledger;
    private RequestMemory memory;

    /** @param address the client's network, or null: a trusted proxy's */
    Connection(Connections connections, Channel channel, String address) {
        this.connections = connections;
        this.channel = channel;
        this.address = address;
    }

    /** The connection of a request, or null: it is not of this server. */
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

    /** Assigns the connection to the first authenticated account, which is charged for its memory. */
    void authenticated(AccountLedger caller) {
        if (account == null) {
            release();
            ledger = caller;
            connections.authenticated(this, caller.account());
        }
    }

    /** Whether a request is being processed. */
    boolean isBusy() {
        return busy;
    }

    void busy(boolean now) {
        busy = now;
    }

    /**
     * Sets the used memory. If there is none left, the oldest unauthenticated connections with memory are closed.
     *
     * @return false: there is no memory, and this connection must be closed
     */
    boolean setMemory(long bytes) {
        if (closed) {
            return true;
        }
        if (memory == null) {
            memory = ledger == null ? connections.memory(this) : RequestMemory.of(ledger);
            if (ledger == null) {
                connections.memoryUsed(this);
            }
        }
        long more = bytes - memory.bytes();
        if (more <= 0) {
            return true;
        }
        for (int victims = 0; !memory.tryGrow(more); victims++) {
            if (ledger != null || victims == MAX_VICTIMS || !connections.evictFor(this, memory.isAddressFull(more))) {
                return false;
            }
        }
        return true;
    }

    /** Releases the memory. */
    void release() {
        if (memory != null) {
            memory.close();
            memory = null;
            if (ledger == null) {
                connections.memoryReleased(this);
            }
        }
    }

    /** Closes the connection. Callable from any thread. */
    void close() {
        RequestMemory held = memory;
        if (held != null) {
            held.close();
        }
        channel.close();
    }

    /** Called when the connection is closed. */
    void closed() {
        closed = true;
        release();
        connections.closed(this);
    }
}
