package io.engagementwebhooks.store.cluster;

import io.engagementwebhooks.store.jdbc.Values;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** The partitions that this process owns, as a SQL condition. Thread-safe. @param owned null: all, without a condition */
public record OwnedPartitions(Supplier<List<Integer>> owned) {

    public static final OwnedPartitions ALL = new OwnedPartitions(null);

    /** The condition, to append to another one. */
    public String and(String column) {
        return owned == null ? "" : " AND " + column + " = ANY (?)";
    }

    /** Appends the condition's parameter to other values. */
    public Object[] with(Object... values) {
        if (owned == null) {
            return values;
        }
        Object[] all = Arrays.copyOf(values, values.length + 1);
        all[values.length] = Values.ints(owned.get());
        return all;
    }
}
