package io.engagementwebhooks.store.jdbc;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** Statement parameters with more than one value. */
public final class Values {

    private Values() {}

    /** The values of an array parameter. @param type in PostgreSQL: int, bigint or text */
    public record Many(String type, List<?> values) {}

    /**
     * The rows of a table parameter.
     *
     * @param columns their types in PostgreSQL
     * @param rows one value per column
     */
    public record Table(List<String> columns, List<Object[]> rows) {}

    public static Many texts(Collection<String> values) {
        return new Many("text", List.copyOf(values));
    }

    public static Many longs(Collection<Long> values) {
        return new Many("bigint", List.copyOf(values));
    }

    public static Many ints(Collection<Integer> values) {
        return new Many("int", List.copyOf(values));
    }

    public static <T> Table table(List<String> columns, Collection<T> all, Function<T, Object[]> row) {
        return new Table(columns, all.stream().map(row).toList());
    }

    public static Long millis(Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }
}
