package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A compiled schema or subschema: the keywords of one object. Immutable once all is compiled. */
final class SchemaNode {

    /** A keyword with its value. */
    @FunctionalInterface
    interface Keyword {
        /** @return whether the value fits; faults are noted in the check */
        boolean check(JsonNode value, Place at, SchemaCheck check);
    }

    private final String pointer;
    private final List<Keyword> keywords = new ArrayList<>();

    /** Subschemas that are applied to the same value. */
    private final List<SchemaNode> inPlace = new ArrayList<>();

    /** @param pointer its place in the whole schema, as a JSON Pointer */
    SchemaNode(String pointer) {
        this.pointer = pointer;
    }

    String pointer() {
        return pointer;
    }

    void add(Keyword keyword) {
        keywords.add(keyword);
    }

    void addInPlace(SchemaNode schema) {
        inPlace.add(schema);
    }

    List<SchemaNode> inPlace() {
        return inPlace;
    }

    boolean check(JsonNode value, Place at, SchemaCheck check) {
        SchemaNode outer = check.enter(this);
        check.step(keywords.size());
        boolean fits = true;
        for (int i = 0; i < keywords.size(); i++) {
            fits &= keywords.get(i).check(value, at, check);
            if (!fits && check.endsAtFirst()) {
                break;
            }
        }
        check.leave(outer);
        return fits;
    }
}
