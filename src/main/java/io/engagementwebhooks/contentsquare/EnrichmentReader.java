package io.engagementwebhooks.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.contentsquare.EnrichmentBatch.Enrichment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Parses one enrichment or a list into a batch. Reports all faults by position, without values, which are personal
 * data.
 */
final class EnrichmentReader {

    private static final Set<String> MEMBERS =
            Set.of("projectId", "integrationVersion", "userId", "sessionNumber", "enrichmentNumber", "enrichment");
    private static final Pattern WHOLE = Pattern.compile("\\d{1,18}");

    private final long defaultProject;
    private final long defaultVersion;
    private final List<String> faults = new ArrayList<>();
    private final Set<Long> projects = new LinkedHashSet<>();
    private final Set<Long> versions = new LinkedHashSet<>();
    private String position;

    private EnrichmentReader(Long defaultProject, int defaultVersion) {
        this.defaultProject = defaultProject == null ? -1 : defaultProject;
        this.defaultVersion = defaultVersion;
    }

    /**
     * @param body an object, or an array of objects
     * @param defaultProject the default project, or null
     * @param defaultVersion the default integration version
     */
    static EnrichmentBatch read(JsonNode body, Long defaultProject, int defaultVersion) throws ContentsquareException {
        return new EnrichmentReader(defaultProject, defaultVersion).batch(body);
    }

    private EnrichmentBatch batch(JsonNode body) throws ContentsquareException {
        List<Enrichment> enrichments = body.isArray() ? list(body) : List.of(one(body, "the enrichment"));
        if (enrichments.isEmpty()) {
            faults.add("the list holds no enrichment");
        }
        onlyOne("projectId", projects);
        onlyOne("integrationVersion", versions);
        if (!faults.isEmpty()) {
            throw ContentsquareException.unsendable("cannot be sent to Contentsquare: " + String.join("; ", faults));
        }
        return new EnrichmentBatch(
                projects.iterator().next(), versions.iterator().next().intValue(), enrichments);
    }

    private List<Enrichment> list(JsonNode body) {
        List<Enrichment> enrichments = new ArrayList<>();
        for (JsonNode item : body) {
            enrichments.add(one(item, "enrichment " + (enrichments.size() + 1)));
        }
        return enrichments;
    }

    private Enrichment one(JsonNode item, String at) {
        position = at;
        if (!item.isObject()) {
            fault("must be an object");
        }
        for (Iterator<String> names = item.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!MEMBERS.contains(name)) {
                fault("has unknown member '" + name + "'");
            }
        }
        projects.add(number(item, "projectId", 1, Long.MAX_VALUE, defaultProject));
        versions.add(number(item, "integrationVersion", 1, Integer.MAX_VALUE, defaultVersion));
        return new Enrichment(
                userId(item),
                number(item, "sessionNumber", 0, Long.MAX_VALUE, -1),
                (int) number(item, "enrichmentNumber", 1, 3, 1),
                fields(item));
    }

    /** A whole number, or its digits as text, as pages and expressions often pass it. */
    private long number(JsonNode item, String name, long least, long most, long fallback) {
        JsonNode value = item.path(name);
        if (value.isMissingNode() || value.isNull()) {
            if (fallback < least) {
                fault("needs '" + name + "'");
            }
            return fallback;
        }
        OptionalLong number = wholeNumber(value);
        if (number.isEmpty() || number.getAsLong() < least || number.getAsLong() > most) {
            fault("'" + name + "' must be a whole number of at least " + least
                    + (most < Integer.MAX_VALUE ? " and at most " + most : ""));
        }
        return number.orElse(fallback);
    }

    private static OptionalLong wholeNumber(JsonNode value) {
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return OptionalLong.of(value.longValue());
        }
        return value.isTextual() && WHOLE.matcher(value.textValue()).matches()
                ? OptionalLong.of(Long.parseLong(value.textValue()))
                : OptionalLong.empty();
    }

    private String userId(JsonNode item) {
        JsonNode value = item.path("userId");
        if (!value.isTextual() || value.textValue().isBlank()) {
            fault("needs 'userId', a text");
        }
        return value.asText();
    }

    private ObjectNode fields(JsonNode item) {
        if (item.path("enrichment") instanceof ObjectNode fields) {
            return fields;
        }
        fault("needs 'enrichment', an object of the schema's fields");
        return Json.MAPPER.createObjectNode();
    }

    private void onlyOne(String name, Set<Long> values) {
        if (values.size() > 1) {
            faults.add("one batch has one '" + name + "', but " + values.size() + " were given");
        }
    }

    private void fault(String what) {
        faults.add(position + " " + what);
    }
}
