package io.engagementwebhooks.webhook;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One account's webhooks by what they ask for: exact types, prefixes up to a dot, and all. A lookup costs one map access
 * per dot in the type plus what it finds, however many webhooks there are. Immutable and thread-safe.
 */
final class Subscriptions {

    private final List<Webhook> webhooks;
    private final Map<String, List<Integer>> exact = new HashMap<>();
    private final Map<String, List<Integer>> prefixes = new HashMap<>();
    private final List<Integer> all = new ArrayList<>();

    /** @param webhooks in the order of the set-up, which {@link #matching} keeps */
    Subscriptions(List<Webhook> webhooks) {
        this.webhooks = List.copyOf(webhooks);
        for (int i = 0; i < webhooks.size(); i++) {
            for (String pattern : webhooks.get(i).events().patterns()) {
                place(pattern).add(i);
            }
        }
    }

    List<Webhook> webhooks() {
        return webhooks;
    }

    List<Webhook> matching(String type) {
        List<List<Integer>> found = found(type);
        if (found.isEmpty()) {
            return List.of();
        }
        if (found.size() == 1) {
            return found.get(0).stream().distinct().map(webhooks::get).toList();
        }
        return found.stream()
                .flatMap(List::stream)
                .sorted()
                .distinct()
                .map(webhooks::get)
                .toList();
    }

    private List<List<Integer>> found(String type) {
        List<List<Integer>> found = new ArrayList<>(3);
        addIfAny(exact.get(type), found);
        for (int dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) {
            addIfAny(prefixes.get(type.substring(0, dot + 1)), found);
        }
        addIfAny(all, found);
        return found;
    }

    private List<Integer> place(String pattern) {
        if (pattern.equals("*")) {
            return all;
        }
        return pattern.endsWith(".*")
                ? prefixes.computeIfAbsent(pattern.substring(0, pattern.length() - 1), prefix -> new ArrayList<>(1))
                : exact.computeIfAbsent(pattern, type -> new ArrayList<>(1));
    }

    private static void addIfAny(List<Integer> some, List<List<Integer>> to) {
        if (some != null && !some.isEmpty()) {
            to.add(some);
        }
    }
}
