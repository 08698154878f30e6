package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A JSON Schema (2020-12) of event data. It is customers' code: all that it refers to is in it, its regular expressions take
 * linear time, and a check ends after a bounded number of steps. {@code format} and the keywords about content say something
 * to people and check nothing. Immutable and thread-safe.
 */
public final class DataSchema {

    private final SchemaNode root;

    private DataSchema(SchemaNode root) {
        this.root = root;
    }

    /** Compiles a schema. @throws SchemaRefusedException if it has a fault, or goes beyond a bound */
    public static DataSchema compile(JsonNode schema) throws SchemaRefusedException {
        return new DataSchema(new SchemaCompiler(schema).compile());
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
