package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * A JSON Schema (2020-12) of event data. It is customers' code: all that it refers to is in it, its regular expressions take
 * linear time, and a check ends after a bounded number of steps. {@code format} and the keywords about content say something
 * to people and check nothing. Immutable and thread-safe.
 */
public final class DataSchema {

    /** The most faults that are named. */
    private static final int FAULTS = 10;

    private final SchemaNode root;
    private final Map<String, JsonNode> targets;

    /** @param targets the part of the schema that each reference refers to */
    DataSchema(SchemaNode root, Map<String, JsonNode> targets) {
        this.root = root;
        this.targets = Map.copyOf(targets);
    }

    /** Compiles a schema. @throws SchemaRefusedException if it has a fault, or goes beyond a bound */
    public static DataSchema compile(JsonNode schema) throws SchemaRefusedException {
        return new SchemaCompiler(schema, Map.of()).compile();
    }

    /**
     * Compiles each schema under {@code definitions} of the product's own document, and the document itself as {@code ""}.
     *
     * @param keywords keywords of the document's own: whether a text fits the keyword's value
     */
    public static Map<String, DataSchema> definitions(
            JsonNode document, Map<String, BiPredicate<String, String>> keywords) throws SchemaRefusedException {
        return new SchemaCompiler(document, keywords).definitions();
    }

    /** The part of this schema that a {@code $ref} refers to; null: no part of it has this reference. */
    public JsonNode target(String reference) {
        return targets.get(reference);
    }

    /** What of the data does not fit, at most {@value #FAULTS} faults; none: it fits. */
    public List<DataFault> check(JsonNode data) {
        return found(data, FAULTS).stream()
                .map(found -> found.at().fault(found.keyword(), found.rule()))
                .distinct() // members without a name in the schema can have the same fault
                .toList();
    }

    /**
     * A part of data that does not fit.
     *
     * @param path names and indices from the outermost on
     * @param schema the place of the innermost schema that does not fit, as a JSON Pointer
     * @param rule what the data must be
     */
    public record Misfit(List<String> path, String keyword, String schema, String rule) {}

    /** As {@link #check}, for data whose names are no secret. */
    public List<Misfit> misfits(JsonNode data, int most) {
        return found(data, most).stream()
                .map(found -> new Misfit(
                        found.at().path(), found.keyword(), found.schema().pointer(), found.rule()))
                .toList();
    }

    private List<SchemaCheck.Found> found(JsonNode data, int most) {
        SchemaCheck check = new SchemaCheck(most);
        try {
            root.check(data, Place.ROOT, check);
        } catch (SchemaCheck.Exceeded e) {
            return List.of(new SchemaCheck.Found(Place.ROOT, "bound", e.getMessage(), root));
        } catch (StackOverflowError e) {
            return List.of(new SchemaCheck.Found(Place.ROOT, "bound", "nests too deep to check", root));
        }
        return check.found();
    }
}
