package io.engagementwebhooks.webhook.schema;

import io.engagementwebhooks.webhook.Shown;

/** A place in data, from the innermost outwards; written as a JSON Pointer when it is asked for. Immutable. */
record Place(Place outer, String name) {

    static final Place ROOT = new Place(null, "");

    Place member(String member) {
        return new Place(this, member);
    }

    Place item(int index) {
        return new Place(this, Integer.toString(index));
    }

    /** The names in it come from the data, and are shown as names in faults are. */
    String pointer() {
        return outer == null
                ? ""
                : outer.pointer() + "/" + Shown.of(name).replace("~", "~0").replace("/", "~1");
    }
}
