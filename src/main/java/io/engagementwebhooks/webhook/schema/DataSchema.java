package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * A JSON Schema (2020-12) of event data. It is customers' code: all that it refers to is in it, its regular expressions take
 * linear time, and a check ends after a bounded number of steps. {@code format} and the keywords about content say something
 * to people and check nothing. Immutable and thread-safe.
 */
public final class DataSchema {

    private final SchemaNode root;
    private final Map<String, JsonNode> targets;

    /** @param targets the part of the schema that each reference refers to */
    DataSchema(SchemaNode root, Map<String, JsonNode> targets) {
        this.root = root;
        this.targets = Map.copyOf(targets);
    }

    /** Compiles a schema. @throws SchemaRefusedException if it has a fault, or goes beyond a bound */
    public static DataSchema compile(JsonNode schema) throws SchemaRefusedException {
        return new SchemaCompiler(schema).compile();
    }

    /** The part of this schema that a {@code $ref} refers to; null: no part of it has this reference. */
    public JsonNode target(String reference) {
        return targets.get(reference);
    }

    /** What of the data does not fit, at most {@value SchemaCheck#FAULTS} faults; none: it fits. */
    public List<DataFault> check(JsonNode data) {
        SchemaCheck check = new SchemaCheck();
        try {
            root.check(data, Place.ROOT, check);
        } catch (SchemaCheck.Exceeded e) {
            return List.of(new DataFault("", "bound", e.getMessage()));
        } catch (StackOverflowError e) {
            return List.of(new DataFault("", "bound", "nests too deep to check"));
        }
        return check.faults();
    }
}
