package io.engagementwebhooks.bench.kill;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Records acknowledged events, the product's status and the receivers' requests, by {@code webhook-id} and by run of
 * the product. Thread-safe.
 */
final class CrashTestRecord {

    private final List<String> webhooks;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Map<String, Message> messages = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> ids = new ConcurrentHashMap<>();
    private final Map<String, Integer> shown = new ConcurrentHashMap<>();
    private final Set<String> replays = ConcurrentHashMap.newKeySet();
    private final Collection<String> faults = new ConcurrentLinkedQueue<>();

    /**
     * The requests of one id.
     *
     * @param owed webhook and event
     * @param lives count per run
     */
    private record Message(String owed, Map<Integer, Integer> lives) {}

    /** @param webhooks those that each event goes to */
    CrashTestRecord(List<String> webhooks) {
        this.webhooks = List.copyOf(webhooks);
    }

    void acknowledged(String event) {
        acknowledged.add(event);
    }

    int acknowledged() {
        return acknowledged.size();
    }

    /** A receiver responded 2xx. */
    void took(String webhook, String event, String id, int life) {
        String owed = webhook + " " + event;
        Message message = messages.computeIfAbsent(id, none -> new Message(owed, new ConcurrentHashMap<>()));
        message.lives.merge(life, 1, Integer::sum);
        ids.computeIfAbsent(owed, none -> ConcurrentHashMap.newKeySet()).add(id);
        if (!message.owed.equals(owed)) {
            fault("webhook-id " + id + " is that of " + message.owed + " and of " + owed);
        }
    }

    boolean hasTaken(String id) {
        return messages.containsKey(id);
    }

    boolean hasTakenIn(int life) {
        return messages.values().stream().anyMatch(message -> message.lives.containsKey(life));
    }

    /** The API showed it as delivered in a run. */
    void shownAsDelivered(String id, int life) {
        shown.putIfAbsent(id, life);
    }

    /** The API showed that it is a replay with a new id. */
    void isReplay(String id) {
        replays.add(id);
    }

    /** Deliveries of acknowledged events that never came. */
    Set<String> missing() {
        Set<String> missing = new HashSet<>();
        for (String event : acknowledged) {
            webhooks.stream()
                    .map(webhook -> webhook + " " + event)
                    .filter(owed -> !ids.containsKey(owed))
                    .forEach(missing::add);
        }
        return missing;
    }

    /** Deliveries sent in a run, and again in the next one. */
    int repeatedAfter(int life) {
        return (int) messages.values().stream()
                .filter(message -> message.lives.containsKey(life) && message.lives.containsKey(life + 1))
                .count();
    }

    void fault(String words) {
        faults.add(words);
    }

    /** Violations; empty on success. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    /**
     * A delivery keeps its id, and is repeated only because of a kill: once in the killed run and once in the next. A
     * delivery shown as delivered is not sent again in a later run.
     */
    void check() {
        ids.forEach((owed, all) -> {
            Set<String> own = new TreeSet<>(all);
            own.removeAll(replays);
            if (own.size() != 1) {
                fault(owed + " came under several webhook-ids: " + own);
            }
        });
        messages.forEach((id, message) -> {
            TreeMap<Integer, Integer> lives = new TreeMap<>(message.lives);
            boolean once = lives.values().stream().allMatch(times -> times == 1);
            if (!once || lives.size() > 2 || lives.lastKey() - lives.firstKey() > 1) {
                fault(id + " (" + message.owed + ") was taken without a kill between; by lives: " + lives);
            }
            if (lives.lastKey() > shown.getOrDefault(id, Integer.MAX_VALUE)) {
                fault(id + " (" + message.owed + ") was shown as delivered in life " + shown.get(id)
                        + " and taken again; by lives: " + lives);
            }
        });
        if (shown.isEmpty()) {
            fault("the API showed no delivery as delivered before a kill");
        }
    }
}
