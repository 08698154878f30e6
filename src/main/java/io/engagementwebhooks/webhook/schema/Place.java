package io.engagementwebhooks.webhook.schema;

/**
 * A place in data, from the innermost outwards. Of the names in data, only those that the schema gives are kept: any other
 * may be data itself. Immutable.
 *
 * @param outer null: the data as a whole
 * @param name null: a member whose name the schema does not give
 */
record Place(Place outer, String name) {

    static final Place ROOT = new Place(null, "");

    /** @param member a name in the schema */
    Place member(String member) {
        return new Place(this, member);
    }

    /** A member that matches a pattern, or is an additional one. */
    Place unnamedMember() {
        return new Place(this, null);
    }

    Place item(int index) {
        return new Place(this, Integer.toString(index));
    }

    /** A fault here. Its pointer ends before the outermost member without a name. */
    DataFault fault(String keyword, String rule) {
        String pointer = "";
        String inner = "";
        int unnamed = 0;
        for (Place place = this; place.outer != null; place = place.outer) {
            if (place.name == null) {
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
