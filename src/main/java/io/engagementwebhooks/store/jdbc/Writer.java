package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.store.FairQueue;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/** Submits work for the writer's next transaction. Thread-safe. */
public interface Writer {

    /** Work in a transaction. It may run again if the transaction fails. */
    interface Work<T> {
        T in(Statements statements) throws SQLException;
    }

    /**
     * Submits work for an account.
     *
     * @param rows its approximate size in rows
     */
    <T> CompletableFuture<T> write(String account, int rows, Work<T> work);

    /** Submits small work of the product itself. */
    default <T> CompletableFuture<T> write(Work<T> work) {
        return write(FairQueue.PRODUCT, 1, work);
    }
}
