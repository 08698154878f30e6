package io.engagementwebhooks.webhook;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One account's webhooks by what they ask for: exact types, prefixes up to a dot, and all. A lookup costs one map access
 * per dot in the type, however many webhooks there are; only where several of these have webhooks are they merged.
 * Immutable and thread-safe.
 */
final class Subscriptions {

    private final List<Webhook> webhooks;
    private final Map<String, Webhook> byName;
    private final Set<String> awaited;
    private final Map<String, Asking> exact = new HashMap<>();
    private final Map<String, Asking> prefixes = new HashMap<>();
    private final Asking all = new Asking();

    /** Webhooks with the same subscription, in the order of the configuration, and their positions in it. */
    private static final class Asking {

        private final List<Integer> places = new ArrayList<>(1);
        private final List<Webhook> webhooks = new ArrayList<>(1);
        private final List<Webhook> view = Collections.unmodifiableList(webhooks);

        void add(int place, Webhook webhook) {
            boolean again = !places.isEmpty() && places.get(places.size() - 1) == place;
            if (!again) {
                places.add(place);
                webhooks.add(webhook);
            }
        }
    }

    /** @param webhooks in the order of the configuration, which {@link #matching} keeps */
    Subscriptions(List<Webhook> webhooks) {
        this.webhooks = List.copyOf(webhooks);
        this.byName = webhooks.stream().collect(Collectors.toUnmodifiableMap(Webhook::name, webhook -> webhook));
        this.awaited = webhooks.stream()
                .flatMap(webhook -> webhook.delivery().waitFor().stream())
                .map(WaitFor::field)
                .collect(Collectors.toUnmodifiableSet());
        for (int place = 0; place < webhooks.size(); place++) {
            for (String pattern : webhooks.get(place).events().patterns()) {
                asking(pattern).add(place, webhooks.get(place));
            }
        }
    }

    List<Webhook> webhooks() {
        return webhooks;
    }

    /** The one of this name, or null. */
    Webhook named(String name) {
        return byName.get(name);
    }

    /** The fields that any of them waits for. */
    Set<String> awaited() {
        return awaited;
    }

    List<Webhook> matching(String type) {
        List<Asking> found = found(type);
        if (found.isEmpty()) {
            return List.of();
        }
        return found.size() == 1 ? found.get(0).view : merged(found);
    }

    private List<Webhook> merged(List<Asking> found) {
        return found.stream()
                .flatMap(asking -> asking.places.stream())
                .sorted()
                .distinct()
                .map(webhooks::get)
                .toList();
    }

    private List<Asking> found(String type) {
        List<Asking> found = new ArrayList<>(3);
        addIfAny(exact.get(type), found);
        for (int dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) {
            addIfAny(prefixes.get(type.substring(0, dot + 1)), found);
        }
        addIfAny(all, found);
        return found;
    }

    private Asking asking(String pattern) {
        if (pattern.equals("*")) {
            return all;
        }
        return pattern.endsWith(".*")
                ? prefixes.computeIfAbsent(pattern.substring(0, pattern.length() - 1), prefix -> new Asking())
                : exact.computeIfAbsent(pattern, type -> new Asking());
    }

    private static void addIfAny(Asking asking, List<Asking> to) {
        if (asking != null && !asking.webhooks.isEmpty()) {
            to.add(asking);
        }
    }
}
