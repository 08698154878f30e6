package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.YamlNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The names of one kind of resource in an account: each is valid and unique. Not thread-safe. */
public final class Names {

    private static final int MOST_LISTED = 20;

    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final List<Set<String>> already;

    public Names() {
        this(List.of());
    }

    /** @param already names in use */
    Names(List<Set<String>> already) {
        this.already = already;
    }

    /** The name under a key, which must not be in use. */
    public String claim(Mapping mapping, String key) {
        String name = mapping.text(key);
        Integer first = isTakenAlready(name) ? Integer.valueOf(0) : lines.putIfAbsent(name, mapping.line(key));
        if (first != null) {
            mapping.fault(
                    key,
                    "taken",
                    "'" + key + "' '" + name + "' is taken" + (first > 0 ? " in line " + first : " already"),
                    "choose another");
        }
        return name;
    }

    /** Reserves the name of an invalid definition, so that references to it are no further faults. */
    void reserve(String name, int line) {
        lines.putIfAbsent(name, line);
    }

    boolean has(String name) {
        return lines.containsKey(name) || isTakenAlready(name);
    }

    private boolean isTakenAlready(String name) {
        return already.stream().anyMatch(names -> names.contains(name));
    }

    /** For the text of a remedy: {@code known: billing, sales}. */
    String known() {
        List<Set<String>> all = new ArrayList<>(already);
        all.add(lines.keySet());
        return known(all);
    }

    /** As above, for other names. */
    static String known(Set<String> names) {
        return known(List.of(names));
    }

    /** Sorts only the listed ones: there may be many names, and many faults. @param all sets that share no name */
    private static String known(List<Set<String>> all) {
        TreeSet<String> first = new TreeSet<>();
        int many = 0;
        for (Set<String> names : all) {
            many += names.size();
            for (String name : names) {
                if (first.size() < MOST_LISTED || name.compareTo(first.last()) < 0) {
                    first.add(name);
                }
                if (first.size() > MOST_LISTED) {
                    first.pollLast();
                }
            }
        }
        String more = many > MOST_LISTED ? ", and " + (many - MOST_LISTED) + " more" : "";
        return many == 0 ? "there are none yet" : "known: " + String.join(", ", first) + more;
    }

    /**
     * The name of an item in faults, before it is opened: {@code webhook 'x'}, or {@code webhook no. 3 of account 'y'}.
     */
    public static String resource(String kind, YamlNode item, String key, int index, String owner) {
        return Mapping.peek(item, key)
                .map(name -> kind + " '" + name + "'")
                .orElseGet(() -> kind + " no. " + (index + 1) + owner);
    }
}
