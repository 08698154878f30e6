package io.engagementwebhooks.deliver.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Merges two events: members of the first win, and the later one fills those missing or null. */
public final class MergedEvent {

    private MergedEvent() {}

    public static JsonNode of(JsonNode first, JsonNode later) {
        ObjectNode joined = first.deepCopy();
        JsonNode data = later.path("data");
        if (data.isObject()) {
            ObjectNode target =
                    joined.path("data").isObject() ? (ObjectNode) joined.get("data") : joined.putObject("data");
            complete(target, (ObjectNode) data);
        }
        return joined;
    }

    private static void complete(ObjectNode target, ObjectNode from) {
        from.properties().forEach(member -> {
            JsonNode own = target.get(member.getKey());
            if (own == null || own.isNull()) {
                target.set(member.getKey(), member.getValue().deepCopy());
            } else if (own.isObject() && member.getValue().isObject()) {
                complete((ObjectNode) own, (ObjectNode) member.getValue());
            }
        });
    }
}
