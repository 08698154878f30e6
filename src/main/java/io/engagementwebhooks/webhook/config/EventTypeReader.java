package io.engagementwebhooks.webhook.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.webhook.BoundedText;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.schema.DataFault;
import io.engagementwebhooks.webhook.schema.DataSchema;
import io.engagementwebhooks.webhook.schema.SchemaRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads the event types that an account defines. For one use. */
final class EventTypeReader {

    /** Characters of a sample's JSON. */
    private static final int LARGEST_SAMPLE = 64 << 10;

    /** Characters of all schemas and samples of an account. */
    private static final int LARGEST = 1 << 20;

    private final String account;
    private final Map<String, EventType> known;
    private final Names names;
    private int read;
    private long readSize;

    /** @param known types that the account has already */
    EventTypeReader(String account, Map<String, EventType> known) {
        this.account = account;
        this.known = known;
        this.names = new Names(List.of(known.keySet()));
    }

    private static int size(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    Optional<EventType> read(Mapping item) {
        Optional<String> type = names.claim(item, "type");
        type.filter(name -> EventCatalog.BUILT_IN.type(name).isPresent())
                .ifPresent(name -> item.fault(
                        "type",
                        "built-in",
                        "'type' '" + name + "' is built in",
                        "choose another, such as your." + name));
        if (known.size() + ++read > EventType.MOST) {
            item.fault("type", "too-many", "is one event type too many", "an account has at most " + EventType.MOST);
        }
        Optional<JsonNode> schema = item.json("schema");
        Optional<JsonNode> sample = item.json("sample");
        Optional<DataSchema> compiled = schema.flatMap(json -> compiled(item, json));
        sample.ifPresent(data -> checkSample(item, data, compiled));
        int size = schema.map(EventTypeReader::size).orElse(0)
                + sample.map(EventTypeReader::size).orElse(0);
        readSize += size;
        long all = readSize + known.values().stream().mapToLong(EventType::size).sum();
        if (all > LARGEST) {
            item.fault(
                    "schema",
                    "too-large",
                    "the schemas and samples of the account are larger than " + BoundedText.size(LARGEST) + " together",
                    "shorten them by " + (all - LARGEST) + " bytes");
        }
        return item.isFaulty()
                ? Optional.empty()
                : Optional.of(new EventType(
                        account,
                        type.orElseThrow(),
                        item.text("title").orElse(type.get()),
                        item.text("description").orElse(""),
                        schema.orElseThrow(),
                        sample.orElseThrow(),
                        compiled.orElseThrow(),
                        item.word("check", EventType.Check.class).orElseThrow(),
                        size));
    }

    private static Optional<DataSchema> compiled(Mapping item, JsonNode schema) {
        try {
            return Optional.of(DataSchema.compile(schema));
        } catch (SchemaRefusedException e) {
            item.fault("schema", "schema", "'schema' " + e.getMessage(), e.wayOut());
            return Optional.empty();
        }
    }

    private static void checkSample(Mapping item, JsonNode sample, Optional<DataSchema> schema) {
        int size = size(sample);
        if (size > LARGEST_SAMPLE) {
            item.fault(
                    "sample",
                    "too-large",
                    "'sample' is larger than " + BoundedText.size(LARGEST_SAMPLE),
                    "shorten it by " + (size - LARGEST_SAMPLE) + " bytes");
            return;
        }
        List<DataFault> faults = schema.map(known -> known.check(sample)).orElse(List.of());
        if (!faults.isEmpty()) {
            item.fault(
                    "sample",
                    "sample",
                    "'sample' does not fit the schema: "
                            + faults.stream().map(DataFault::toString).collect(Collectors.joining("; ")),
                    "change one of them");
        }
    }
}
