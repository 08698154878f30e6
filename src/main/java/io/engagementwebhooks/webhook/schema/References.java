package io.engagementwebhooks.webhook.schema;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The references of one schema, each to a part of it, which are resolved when all parts are known. For one use. */
final class References {

    /** Schemas that apply to one value by references and combinations, one within the other. */
    private static final int LONGEST_CHAIN = 24;

    /** JSON Pointers have only the escapes ~0 and ~1; Jackson reads others too, so that one place would have many spellings. */
    private static final Pattern OTHER_ESCAPE = Pattern.compile("~(?![01])");

    private final JsonNode document;
    private final Map<String, SchemaNode> byPointer = new LinkedHashMap<>();
    private final Map<String, String> anchors = new HashMap<>();
    private final List<Reference> references = new ArrayList<>();

    private record Reference(SchemaNode from, SchemaPart keyword, String target) {}

    /** Compiles a part that only a reference makes a schema, and {@link #add}s it. */
    interface Compiler {
        SchemaNode compile(SchemaPart part) throws SchemaRefusedException;
    }

    References(JsonNode document) {
        this.document = document;
    }

    /** Adds a schema that references may name by its place. */
    void add(String pointer, SchemaNode schema) {
        byPointer.put(pointer, schema);
    }

    /** The schema at a place. */
    SchemaNode at(String pointer) {
        return byPointer.get(pointer);
    }

    void addAnchor(String anchor, String pointer) {
        anchors.put(anchor, pointer);
    }

    /** @param keyword the {@code $ref} */
    void add(SchemaNode from, SchemaPart keyword) throws SchemaRefusedException {
        references.add(new Reference(from, keyword, keyword.text()));
    }

    /** Resolves all. @return the part of the schema that each refers to */
    Map<String, JsonNode> resolve(Compiler compiler) throws SchemaRefusedException {
        Map<String, JsonNode> targets = new HashMap<>();
        for (int i = 0; i < references.size(); i++) { // a target may hold more of them
            Reference reference = references.get(i);
            targets.put(reference.target, resolve(reference, compiler));
        }
        Map<SchemaNode, Integer> chains = new HashMap<>();
        for (Map.Entry<String, SchemaNode> each : byPointer.entrySet()) {
            checkChain(each.getKey(), each.getValue(), chains);
        }
        return targets;
    }

    private JsonNode resolve(Reference reference, Compiler compiler) throws SchemaRefusedException {
        SchemaPart keyword = reference.keyword;
        if (!reference.target.startsWith("#")) {
            throw keyword.refused(
                    "refers to another document", "put that schema under $defs and refer to it by #/$defs/name");
        }
        String target = decoded(reference.target.substring(1), keyword);
        if (OTHER_ESCAPE.matcher(target).find()) {
            throw keyword.refused("is no JSON Pointer", "write ~0 for ~ and ~1 for /");
        }
        String pointer = target.isEmpty() || target.startsWith("/") ? target : anchors.get(target);
        SchemaPart part = pointer == null ? null : part(pointer, keyword);
        if (part == null || part.json().isMissingNode()) {
            throw keyword.refused("refers to what is not there", "refer to a schema under $defs");
        }
        SchemaNode known = byPointer.get(pointer);
        SchemaNode found = known == null ? compiler.compile(part) : known;
        reference.from.addInPlace(found);
        reference.from.add(found::check);
        return part.json();
    }

    private SchemaPart part(String pointer, SchemaPart keyword) throws SchemaRefusedException {
        try {
            return new SchemaPart(document.at(JsonPointer.compile(pointer)), pointer);
        } catch (IllegalArgumentException e) {
            throw keyword.refused("is no JSON Pointer", "write #/$defs/name");
        }
    }

    private static String decoded(String fragment, SchemaPart keyword) throws SchemaRefusedException {
        try {
            return URLDecoder.decode(fragment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw keyword.refused("is no reference", "write #/$defs/name");
        }
    }

    /** How many schemas apply to one value, one within the other. */
    private static int checkChain(String pointer, SchemaNode schema, Map<SchemaNode, Integer> chains)
            throws SchemaRefusedException {
        Integer known = chains.get(schema);
        if (known != null && known < 0) {
            throw new SchemaRefusedException(
                    pointer, "applies itself to the same value without end", "refer to it from within a property");
        }
        if (known != null) {
            return known;
        }
        chains.put(schema, -1);
        int longest = 0;
        for (SchemaNode inner : schema.inPlace()) {
            longest = Math.max(longest, 1 + checkChain(pointer, inner, chains));
        }
        if (longest > LONGEST_CHAIN) {
            throw new SchemaRefusedException(
                    pointer,
                    "combines more than " + LONGEST_CHAIN + " schemas one within the other",
                    "refer to it directly");
        }
        chains.put(schema, longest);
        return longest;
    }
}
