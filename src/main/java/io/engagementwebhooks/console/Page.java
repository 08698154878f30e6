package io.engagementwebhooks.console;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;

/** One page of a list, as in the API: {@code {"items": […], "next": cursor or null}}. */
final class Page {

    private Page() {}

    /**
     * A page of ordered rows.
     *
     * @param read reads at most this many
     * @param scope see {@link Cursor}
     * @param position of a row in the list
     */
    static <T, V> ListView<V> ofRows(
            IntFunction<List<T>> read, int limit, String scope, Function<T, String> position, Function<T, V> view) {
        List<T> rows = read.apply(limit + 1);
        boolean more = rows.size() > limit;
        List<T> page = more ? rows.subList(0, limit) : rows;
        return new ListView<>(
                page.stream().map(view).toList(), more ? Cursor.of(scope, position.apply(page.get(limit - 1))) : null);
    }

    /** One page of a list of named resources. */
    record Named<T>(List<T> resources, String next) {

        /** Value of {@code attention} for resources that need attention. */
        private static final String NEEDING = "true";
        /** Value of {@code attention} for resources that do not work. */
        private static final String FAILING = "failing";

        /**
         * @param all the resources, in any order; names are unique
         * @param name by which they are sorted
         * @param parameters limit, cursor, and a text filter if the list has one
         * @param scope account and kind of the list
         */
        static <T> Named<T> of(List<T> all, Function<T, String> name, Parameters parameters, String scope) {
            String text = parameters.text(Parameters.TEXT);
            return text == null
                    ? page(all, name, parameters, scope)
                    : page(with(text, all, name), name, parameters, scope + "\n" + text);
        }

        /**
         * As above.
         *
         * @param need severity of a resource, for the filter {@code attention}
         */
        static <T> Named<T> of(
                List<T> all,
                Function<T, String> name,
                Function<T, Severity> need,
                Parameters parameters,
                String scope) {
            String attention = parameters.oneOf(Parameters.ATTENTION, Set.of(NEEDING, FAILING));
            if (attention == null) {
                return of(all, name, parameters, scope);
            }
            Set<Severity> asked =
                    attention.equals(FAILING) ? Set.of(Severity.NOW) : Set.of(Severity.SOON, Severity.NOW);
            List<T> found = all.stream()
                    .filter(resource -> asked.contains(need.apply(resource)))
                    .toList();
            return of(found, name, parameters, "attention=" + attention + "\n" + scope);
        }

        private static <T> List<T> with(String text, List<T> all, Function<T, String> name) {
            String wanted = text.toLowerCase(Locale.ROOT);
            return all.stream()
                    .filter(resource ->
                            name.apply(resource).toLowerCase(Locale.ROOT).contains(wanted))
                    .toList();
        }

        private static <T> Named<T> page(List<T> all, Function<T, String> name, Parameters parameters, String scope) {
            int limit = parameters.limit();
            String after = parameters.after(scope);
            List<T> found = first(all, name, after, limit + 1);
            if (found.size() <= limit) {
                return new Named<>(found, null);
            }
            List<T> page = found.subList(0, limit);
            return new Named<>(page, Cursor.of(scope, name.apply(page.get(limit - 1))));
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
}
