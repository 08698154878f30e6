package io.engagementwebhooks.config.read;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.config.schema.UnreadableException;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.EventType;
import io.engagementwebhooks.webhook.schema.DataFault;
import io.engagementwebhooks.webhook.schema.DataSchema;
import io.engagementwebhooks.webhook.schema.SchemaRefusedException;
import io.engagementwebhooks.webhook.template.BoundedText;
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

    EventType read(Mapping item) {
        String type = names.claim(item, "type");
        if (EventCatalog.BUILT_IN.type(type).isPresent()) {
            item.fault("type", "built-in", "'type' '" + type + "' is built in", "choose another, such as your." + type);
        }
        if (known.size() + ++read > EventType.MOST) {
            item.fault("type", "too-many", "is one event type too many", "an account has at most " + EventType.MOST);
        }
        JsonNode schema = item.json("schema");
        JsonNode sample = item.json("sample");
        Optional<DataSchema> compiled = compiled(item, schema);
        checkSample(item, sample, compiled);
        int size = size(schema) + size(sample);
        readSize += size;
        long all = readSize + known.values().stream().mapToLong(EventType::size).sum();
        if (all > LARGEST) {
            item.fault(
                    "schema",
                    "too-large",
                    "the schemas and samples of the account are larger than " + BoundedText.size(LARGEST) + " together",
                    "shorten them by " + (all - LARGEST) + " bytes");
        }
        return new EventType(
                account,
                type,
                item.find("title").orElse(type),
                item.find("description").orElse(""),
                schema,
                sample,
                compiled.orElseThrow(UnreadableException::new),
                item.word("check", EventType.Check.class),
                size);
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
