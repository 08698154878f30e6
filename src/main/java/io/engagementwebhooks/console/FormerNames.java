package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The names that a webhook made by the API had before, the latest first. They are kept with its definition: whoever learns of
 * several renamings at once, as another instance may, lets what was stored under each of the names follow.
 */
final class FormerNames {

    /** What they are in a definition; nobody gives it. */
    static final String MEMBER = "was";

    /** The eldest are forgotten: under them something is stored only where an instance is so many renamings behind. */
    static final int MOST = 10;

    private FormerNames() {}

    static List<String> of(ObjectNode definition) {
        List<String> names = new ArrayList<>();
        definition.path(MEMBER).forEach(name -> names.add(name.asText()));
        return names;
    }

    /** Lets a definition have those of another one, and its name where that is not the same. */
    static void follow(ObjectNode definition, ObjectNode before) {
        String name = definition.path("name").asText();
        List<String> names = of(before);
        names.add(0, before.path("name").asText());
        names.removeIf(name::equals);
        put(definition, names);
    }

    /** The definition without one of them. */
    static ObjectNode without(ObjectNode definition, String name) {
        ObjectNode less = definition.deepCopy();
        List<String> names = of(definition);
        names.removeIf(name::equals);
        put(less, names);
        return less;
    }

    private static void put(ObjectNode definition, List<String> names) {
        definition.remove(MEMBER);
        if (!names.isEmpty()) {
            ArrayNode kept = definition.putArray(MEMBER);
            names.stream().limit(MOST).forEach(kept::add);
        }
    }
}
