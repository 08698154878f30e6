package io.engagementwebhooks.deliver.salesforce;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The default mapping: a call event becomes a completed Task, which Salesforce shows as a logged call. */
final class CallTask {

    private static final Map<String, String> CALL_TYPES =
            Map.of("inbound", "Inbound", "outbound", "Outbound", "internal", "Internal");

    /** The fields that the mapping may set. */
    static final List<String> FIELDS = List.of(
            "Subject",
            "Status",
            "ActivityDate",
            "Description",
            "TaskSubtype",
            "CallType",
            "CallDurationInSeconds",
            "CallDisposition",
            "CallObject");

    private final JsonNode event;
    private final JsonNode data;

    private CallTask(JsonNode event) {
        this.event = event;
        this.data = event.path("data");
    }

    /** The Task's fields by API name, without those that the event has no value for. */
    static ObjectNode of(JsonNode event) {
        return new CallTask(event).fields();
    }

    private ObjectNode fields() {
        ObjectNode task = JsonNodeFactory.instance.objectNode();
        task.put("Subject", subject());
        task.put("Status", "Completed");
        put(task, "ActivityDate", day());
        put(task, "Description", description());
        if (isCall()) {
            task.put("TaskSubtype", "Call");
            put(task, "CallType", CALL_TYPES.getOrDefault(direction(), ""));
            task.set("CallDurationInSeconds", data.path("duration"));
            put(task, "CallDisposition", disposition());
            put(task, "CallObject", text("cdr_id"));
        }
        return task;
    }

    private boolean isCall() {
        return event.path("type").asText().startsWith("call.") || data.hasNonNull("cdr_id");
    }

    private boolean isMissed() {
        return text("outcome").equals("missed") || event.path("type").asText().equals("call.missed");
    }

    private String direction() {
        return text("direction").toLowerCase(Locale.ROOT);
    }

    private String subject() {
        if (!isCall()) {
            return "Engagement event " + event.path("type").asText();
        }
        return isMissed() ? "Missed call" + party() : kind() + party() + seconds();
    }

    private String kind() {
        String type = CALL_TYPES.get(direction());
        return type == null ? "Call" : type + " call";
    }

    private String party() {
        boolean outbound = direction().equals("outbound");
        String number = text(outbound ? "bnum" : "anum");
        return number.isEmpty() ? "" : (outbound ? " to " : " from ") + number;
    }

    private String seconds() {
        return data.path("duration").isNumber() ? " (" + text("duration") + " s)" : "";
    }

    private String disposition() {
        return text("outcome").isEmpty() && isMissed() ? "missed" : text("outcome");
    }

    /** The local date of the call, if its time has an offset; otherwise the date in UTC. */
    private String day() {
        String start = text("start").isEmpty() ? event.path("time").asText("") : text("start");
        try {
            return OffsetDateTime.parse(start).toLocalDate().toString();
        } catch (DateTimeException e) {
            return "";
        }
    }

    private String description() {
        StringJoiner lines = new StringJoiner("\n");
        line(lines, "Source", text("source_name"));
        line(lines, "Medium", text("source_media"));
        line(lines, "Number called", text("bnum"));
        line(lines, "Agent", data.path("agent").path("email").asText(""));
        line(lines, "Page", data.path("web").path("url").asText(""));
        line(lines, "Campaign", data.path("web").path("utm").path("campaign").asText(""));
        line(lines, "Recording", text("recording_id"));
        return lines.toString();
    }

    private static void line(StringJoiner lines, String name, String value) {
        if (!value.isEmpty()) {
            lines.add(name + ": " + value);
        }
    }

    private String text(String field) {
        JsonNode value = data.path(field);
        return value.isValueNode() && !value.isNull() ? value.asText() : "";
    }

    private static void put(ObjectNode task, String field, String value) {
        if (!value.isEmpty()) {
            task.put(field, value);
        }
    }
}
