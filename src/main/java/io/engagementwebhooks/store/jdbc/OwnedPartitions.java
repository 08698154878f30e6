package io.engagementwebhooks.store.jdbc;

import java.util.List;
import java.util.function.Supplier;

/** The partitions whose webhooks are this process's, as a condition of SQL. Thread-safe. */
interface OwnedPartitions {

    /** All of them, which needs no condition. */
    OwnedPartitions ALL = new OwnedPartitions() {

        @Override
        public String and(String column) {
            return "";
        }

        @Override
        public Object[] with(Object... values) {
            return values;
        }
    };

    /** The condition that a column is one of them, after another condition. */
    String and(String column);

    /** Values, and behind them that of the condition. */
    Object[] with(Object... values);

    /** Those of a lease. */
    static OwnedPartitions of(Supplier<List<Integer>> owned) {
        return new OwnedPartitions() {

            @Override
            public String and(String column) {
                return " AND " + column + " = ANY (?)";
            }

            @Override
            public Object[] with(Object... values) {
                Object[] all = java.util.Arrays.copyOf(values, values.length + 1);
                all[values.length] = Values.ints(owned.get());
                return all;
            }
        };
    }
}
