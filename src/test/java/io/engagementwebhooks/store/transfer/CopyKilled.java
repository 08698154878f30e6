package io.engagementwebhooks.store.transfer;

import io.engagementwebhooks.store.postgres.PostgresAddress;
import io.engagementwebhooks.testkit.Postgres;
import java.nio.file.Path;
import java.util.Optional;

/** Copies a store in a process that crashes after some of its events. */
public final class CopyKilled {

    static final int DEAD = 9;
    private static final int ROWS = 50;

    private CopyKilled() {}

    /** @param arguments the store, the URL of the database and the bytes of a batch */
    public static void main(String[] arguments) {
        PostgresAddress address = new PostgresAddress(arguments[1], Postgres.USER, Optional.empty());
        new StoreCopy(
                        Path.of(arguments[0]),
                        address,
                        Integer.parseInt(arguments[2]),
                        (step, table, rows, ofTable, all, total) -> {
                            if (table.equals("event") && rows > ROWS) {
                                Runtime.getRuntime().halt(DEAD);
                            }
                        })
                .run();
    }
}
