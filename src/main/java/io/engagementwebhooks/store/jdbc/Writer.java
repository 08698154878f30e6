package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.FairQueue;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/** Takes changes for the writer's next transaction. Thread-safe. */
interface Writer {

    /** A part of a transaction. It may run again if the transaction fails. */
    interface Work<T> {
        T in(Statements statements) throws SQLException;
    }

    /**
     * Writes something for an account.
     *
     * @param rows about how many rows that are
     */
    <T> CompletableFuture<T> write(String account, int rows, Work<T> work);

    /** Writes something small of the product's own. */
    default <T> CompletableFuture<T> write(Work<T> work) {
        return write(FairQueue.PRODUCT, 1, work);
    }
}
