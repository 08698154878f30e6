package io.engagementwebhooks.store.jdbc;

import java.util.List;
import java.util.function.Supplier;

/** The partitions that this process owns, as a SQL condition. Thread-safe. */
interface OwnedPartitions {

    /** All partitions: no condition. */
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

    /** The condition, to append to another one. */
    String and(String column);

    /** Appends the condition's parameter to other values. */
    Object[] with(Object... values);

    /** The partitions of a lease. */
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
