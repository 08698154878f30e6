package io.engagementwebhooks.webhook.schema;

import java.util.LinkedList;
import java.util.List;

/**
 * A place in data, from the innermost outwards. Of the names in data, only those that the schema gives stand in a fault: any
 * other may be data itself. Immutable.
 *
 * @param outer null: the data as a whole
 * @param isInSchema whether the schema gives the name
 */
record Place(Place outer, String name, boolean isInSchema) {

    static final Place ROOT = new Place(null, "", true);

    /** @param member a name in the schema */
    Place member(String member) {
        return new Place(this, member, true);
    }

    /** A member that matches a pattern, or is an additional one. */
    Place unnamedMember(String member) {
        return new Place(this, member, false);
    }

    Place item(int index) {
        return new Place(this, Integer.toString(index), true);
    }

    /** All names, from the outermost on. */
    List<String> path() {
        LinkedList<String> path = new LinkedList<>();
        for (Place place = this; place.outer != null; place = place.outer) {
            path.addFirst(place.name);
        }
        return path;
    }

    /** A fault here. Its pointer ends before the outermost member without a name. */
    DataFault fault(String keyword, String rule) {
        String pointer = "";
        String inner = "";
        int unnamed = 0;
        for (Place place = this; place.outer != null; place = place.outer) {
            if (!place.isInSchema) {
                inner = unnamed++ == 0 ? pointer : inner;
                pointer = "";
            } else {
                pointer = "/" + place.name.replace("~", "~0").replace("/", "~1") + pointer;
            }
        }
        return new DataFault(pointer, keyword, unnamed == 0 ? rule : inUnnamed(inner, unnamed) + rule);
    }

    /** @param inner the place in the innermost one */
    private static String inUnnamed(String inner, int unnamed) {
        String which = inner.isEmpty() ? "a member" : inner;
        return "has a member that the schema does not name, "
                + (inner.isEmpty() && unnamed == 1 ? "which " : "in which " + which + " ");
    }
}
