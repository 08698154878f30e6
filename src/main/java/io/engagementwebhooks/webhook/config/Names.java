package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.webhook.ResourceKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The names of one kind of thing in one account: each is well formed and there once. Not thread-safe. */
final class Names {

    static final Predicate<String> ID =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}").asMatchPredicate();
    static final String ID_RULE = "1 to 64 letters, digits, '.', '_', '-', the first a letter or digit";
    static final Predicate<String> NAME = Pattern.compile("(?=\\S)[^\\p{Cc}/]{1,100}(?<=\\S)")
            .asMatchPredicate()
            .and(Names::isNoId);
    static final String NO_ID_RULE =
            "; not with 'wh_', 'oc_', 'cn_', 'key_' or 'sk_' in front, as the product's ids are";
    static final String NAME_RULE =
            "1 to 100 characters without '/', control characters, or a space at either end" + NO_ID_RULE;

    /** Names and ids stand in the same places, so no name may look like an id. */
    static boolean isNoId(String name) {
        return Arrays.stream(ResourceKind.values()).noneMatch(kind -> kind.isId(name));
    }

    private static final int MOST_TOLD = 20;

    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final List<Set<String>> already;

    Names() {
        this(List.of());
    }

    /** @param already names that are taken */
    Names(List<Set<String>> already) {
        this.already = already;
    }

    /** The name under a key, if it may be used and nobody has it yet. */
    Optional<String> claim(Mapping mapping, String key, Predicate<String> utf8Text, String rule) {
        Optional<String> name = mapping.need(key, rule);
        if (name.isEmpty()) {
            return name;
        }
        if (!utf8Text.test(name.get())) {
            mapping.fault(key, "'" + key + "' cannot be used as a name", rule);
            return Optional.empty();
        }
        Integer first =
                isTakenAlready(name.get()) ? Integer.valueOf(0) : lines.putIfAbsent(name.get(), mapping.line(key));
        if (first != null) {
            mapping.fault(
                    key,
                    "'" + key + "' '" + name.get() + "' is taken" + (first > 0 ? " in line " + first : " already"),
                    "choose another");
            return Optional.empty();
        }
        return name;
    }

    /** Knows the name of a thing that has a fault, so that what refers to it has none on that account. */
    void reserve(String name, int line) {
        lines.putIfAbsent(name, line);
    }

    boolean has(String name) {
        return lines.containsKey(name) || isTakenAlready(name);
    }

    private boolean isTakenAlready(String name) {
        return already.stream().anyMatch(names -> names.contains(name));
    }

    /** For a fault's way out: {@code known: billing, sales}. */
    String known() {
        List<Set<String>> all = new ArrayList<>(already);
        all.add(lines.keySet());
        return known(all);
    }

    /** The same of other names. */
    static String known(Set<String> names) {
        return known(List.of(names));
    }

    /** Sorts no more than are told: there may be many, and as many faults. @param all sets that share no name */
    private static String known(List<Set<String>> all) {
        TreeSet<String> first = new TreeSet<>();
        int many = 0;
        for (Set<String> names : all) {
            many += names.size();
            for (String name : names) {
                if (first.size() < MOST_TOLD || name.compareTo(first.last()) < 0) {
                    first.add(name);
                }
                if (first.size() > MOST_TOLD) {
                    first.pollLast();
                }
            }
        }
        String more = many > MOST_TOLD ? ", and " + (many - MOST_TOLD) + " more" : "";
        return many == 0 ? "there are none yet" : "known: " + String.join(", ", first) + more;
    }

    /** What to call an item before it is opened: {@code webhook 'x'}, or {@code webhook no. 3 of account 'y'}. */
    static String resource(String kind, YamlNode item, String key, int index, String owner) {
        return Mapping.peek(item, key)
                .map(name -> kind + " '" + name + "'")
                .orElseGet(() -> kind + " no. " + (index + 1) + owner);
    }
}
