package io.engagementwebhooks.api;

import io.engagementwebhooks.api.webhook.Severity;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.ResourceKind;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;

/** One page of a list, as in the API: {@code {"items": […], "next": cursor or null}}. */
public final class Page {

    /** Value of {@code attention} for resources that need attention. */
    private static final String NEEDING = "true";
    /** Value of {@code attention} for resources that do not work. */
    private static final String FAILING = "failing";

    /** Limit of the definitions of a page. */
    private static final long MOST_BYTES = 4L << 20;

    private Page() {}

    /** The resource of a name. @throws ProblemException 404 if there is none */
    public static <T> T one(List<T> all, Function<T, String> name, String wanted, ResourceKind kind) {
        return all.stream()
                .filter(each -> name.apply(each).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        Problem.notFound("this account has no " + kind.words() + " of that name or id")));
    }

    /**
     * A page of ordered rows.
     *
     * @param read reads at most this many
     * @param scope see {@link Cursor}
     * @param position of a row in the list
     */
    public static <T, V> ListView<V> ofRows(
            IntFunction<List<T>> read, int limit, String scope, Function<T, String> position, Function<T, V> view) {
        List<T> rows = read.apply(limit + 1);
        boolean more = rows.size() > limit;
        List<T> page = more ? rows.subList(0, limit) : rows;
        return new ListView<>(
                page.stream().map(view).toList(), more ? Cursor.of(scope, position.apply(page.get(limit - 1))) : null);
    }

    /** A page of named resources, sorted by their unique names. */
    public static <T> ListView<T> named(List<T> all, Function<T, String> name, Parameters parameters, String scope) {
        return named(all, name, name, parameters, scope);
    }

    /**
     * A page of named resources, filtered by name if the list has that filter.
     *
     * @param all the resources, in any order
     * @param position by which they are sorted, unique
     * @param parameters limit, cursor, and a text filter if the list has one
     * @param scope account and kind of the list
     */
    static <T> ListView<T> named(
            List<T> all, Function<T, String> name, Function<T, String> position, Parameters parameters, String scope) {
        return sized(all, name, position, parameters, scope, row -> 0);
    }

    /** Like {@link #named}; the page ends early at 4 MiB of definitions. @param size of a row's definition in bytes */
    public static <T> ListView<T> sized(
            List<T> all,
            Function<T, String> name,
            Function<T, String> position,
            Parameters parameters,
            String scope,
            ToIntFunction<T> size) {
        String text = parameters.text(Parameters.TEXT);
        List<T> found = text == null ? all : with(text, all, name);
        String filtered = text == null ? scope : scope + "\n" + text;
        int limit = parameters.limit();
        List<T> rows = first(found, position, parameters.after(filtered), limit + 1);
        return ofRows(most -> rows, fitting(rows, limit, size), filtered, position, Function.identity());
    }

    /** How many rows a page has: at least one. */
    private static <T> int fitting(List<T> rows, int limit, ToIntFunction<T> size) {
        int count = 0;
        for (long bytes = 0; count < Math.min(limit, rows.size()) && bytes < MOST_BYTES; count++) {
            bytes += size.applyAsInt(rows.get(count));
        }
        return Math.max(1, count);
    }

    /**
     * A page of the account's resources of a kind, filtered by name and by need of attention.
     *
     * @param need severity of a resource, for the filter {@code attention}
     */
    public static <T> ListView<T> named(
            ApiRequest request, ResourceKind kind, List<T> all, Function<T, String> name, Function<T, Severity> need) {
        Parameters given =
                request.parameters(Parameters.TEXT, Parameters.ATTENTION, Parameters.LIMIT, Parameters.CURSOR);
        String scope = kind.text() + "s\n" + request.account();
        String attention = given.oneOf(Parameters.ATTENTION, Set.of(NEEDING, FAILING));
        if (attention == null) {
            return named(all, name, given, scope);
        }
        Set<Severity> asked = attention.equals(FAILING) ? Set.of(Severity.NOW) : Set.of(Severity.SOON, Severity.NOW);
        List<T> found = all.stream()
                .filter(resource -> asked.contains(need.apply(resource)))
                .toList();
        return named(found, name, given, "attention=" + attention + "\n" + scope);
    }

    private static <T> List<T> with(String text, List<T> all, Function<T, String> name) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return all.stream()
                .filter(resource ->
                        name.apply(resource).toLowerCase(Locale.ROOT).contains(wanted))
                .toList();
    }

    /** Sorts only the page: a list may have a hundred thousand items. */
    private static <T> List<T> first(List<T> all, Function<T, String> name, String after, int most) {
        Comparator<T> order = Comparator.comparing(name);
        PriorityQueue<T> first = new PriorityQueue<>(order.reversed());
        for (T resource : all) {
            boolean isBehind = after != null && name.apply(resource).compareTo(after) <= 0;
            if (!isBehind && (first.size() < most || order.compare(resource, first.peek()) < 0)) {
                first.add(resource);
                if (first.size() > most) {
                    first.remove();
                }
            }
        }
        return first.stream().sorted(order).toList();
    }
}
