package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.config.FieldFault;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Definitions as they may be shown, and back: what is secret is shown as {@value #MASK}, and the values of a URL's query as
 * an ellipsis. Whoever sends what was shown keeps what it stands for, unless it would go to another server than before.
 */
final class Masked {

    /** What stands for a secret. */
    static final String MASK = Redactor.MASK;

    /** What stands for a value in a URL. */
    private static final String ELLIPSIS = "…";

    private static final Set<String> SECRET =
            Set.of("clientSecret", "privateKey", "refreshToken", "password", "secret", "key", "sha256", "pkcs12");
    private static final Set<String> URLS = Set.of("url", "authenticationEndpoint", "loginUrl", "tokenUrl");
    /** Mappings whose names are the user's, and whose values may be secret by their names. */
    private static final Set<String> NAMED = Set.of("headers", "form", "parameters");
    /** Mappings whose names are a third party's. */
    private static final Set<String> FOREIGN = Set.of("fields", "schema", "records", "map", "links");

    private Masked() {}

    /** A definition without what is secret. */
    static JsonNode shown(JsonNode definition) {
        return shown(definition, "", "");
    }

    private static JsonNode shown(JsonNode node, String parent, String name) {
        if (node instanceof ObjectNode object) {
            ObjectNode shown = object.objectNode();
            object.properties().forEach(member -> {
                boolean asItStands = FOREIGN.contains(member.getKey());
                shown.set(
                        member.getKey(),
                        asItStands && member.getValue().isContainerNode()
                                ? member.getValue()
                                : shown(member.getValue(), name, member.getKey()));
            });
            return shown;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode shown = array.arrayNode();
            array.forEach(item -> shown.add(shown(item, parent, name)));
            return shown;
        }
        return shownValue(node, parent, name);
    }

    private static JsonNode shownValue(JsonNode value, String parent, String name) {
        if (isSecret(parent, name)) {
            return TextNode.valueOf(MASK);
        }
        if (value.isTextual() && isUrl(parent, name)) {
            return TextNode.valueOf(shownUrl(value.textValue()));
        }
        return value;
    }

    private static boolean isSecret(String parent, String name) {
        if (NAMED.contains(parent)) {
            return Redactor.isSensitive(name);
        }
        // the key of an order is the path of a field
        return SECRET.contains(name) && !parent.equals("fifo")
                || name.equals("value") && parent.equals("authentication");
    }

    private static boolean isUrl(String parent, String name) {
        return URLS.contains(name)
                || name.equals("path") && (parent.equals("salesforce") || parent.equals("contentsquare"));
    }

    private static String shownUrl(String text) {
        try {
            URI url = URI.create(text.strip());
            return url.getHost() == null ? PublicUrl.path(url) : PublicUrl.of(url);
        } catch (IllegalArgumentException e) {
            return text.contains("{{") ? text : MASK;
        }
    }

    /**
     * What is meant by a definition that was made of a shown one.
     *
     * @param given with what stands for values that are kept
     * @param kept the definition that was shown, or null: there is none
     * @param faults where it is told what stands for nothing
     */
    static ObjectNode meant(ObjectNode given, JsonNode kept, List<FieldFault> faults) {
        List<String> used = new ArrayList<>();
        JsonNode old = kept == null ? given.objectNode() : kept;
        ObjectNode meant = (ObjectNode) meant(given, old, "", "", "", used, faults);
        if (!servers(old).containsAll(servers(meant))) {
            used.forEach(pointer -> faults.add(new FieldFault(
                    pointer,
                    "this secret is kept for another server than it would be sent to now",
                    "give it again in place of " + MASK)));
        }
        return meant;
    }

    private static JsonNode meant(
            JsonNode given,
            JsonNode old,
            String parent,
            String name,
            String pointer,
            List<String> used,
            List<FieldFault> faults) {
        if (given instanceof ObjectNode object) {
            ObjectNode meant = object.objectNode();
            object.properties()
                    .forEach(member -> meant.set(
                            member.getKey(),
                            FOREIGN.contains(member.getKey())
                                            && member.getValue().isContainerNode()
                                    ? member.getValue()
                                    : meant(
                                            member.getValue(),
                                            old.path(member.getKey()),
                                            name,
                                            member.getKey(),
                                            pointer + "/"
                                                    + member.getKey()
                                                            .replace("~", "~0")
                                                            .replace("/", "~1"),
                                            used,
                                            faults)));
            return meant;
        }
        if (given instanceof ArrayNode array) {
            ArrayNode meant = array.arrayNode();
            for (int i = 0; i < array.size(); i++) {
                meant.add(meant(
                        array.get(i), ofSameId(array.get(i), old), parent, name, pointer + "/" + i, used, faults));
            }
            return meant;
        }
        return meantValue(given, old, parent, name, pointer, used, faults);
    }

    private static JsonNode ofSameId(JsonNode item, JsonNode old) {
        for (JsonNode other : old) {
            if (item.isObject() && other.path("id").equals(item.path("id"))) {
                return other;
            }
        }
        return item.path("none");
    }

    private static JsonNode meantValue(
            JsonNode given,
            JsonNode old,
            String parent,
            String name,
            String pointer,
            List<String> used,
            List<FieldFault> faults) {
        boolean isSecret = isSecret(parent, name);
        if (!given.isTextual() || !isSecret && !isUrl(parent, name)) {
            return given;
        }
        boolean keeps = old.isValueNode() && given.equals(shownValue(old, parent, name));
        if (keeps) {
            if (isSecret) {
                used.add(pointer);
            }
            return old;
        }
        if (isSecret && given.textValue().equals(MASK)) {
            faults.add(new FieldFault(
                    pointer,
                    "'" + MASK + "' stands for a value that is kept, and none is kept here",
                    "give the value"));
        } else if (!isSecret && given.textValue().contains(ELLIPSIS)) {
            faults.add(new FieldFault(
                    pointer,
                    "'" + ELLIPSIS + "' stands for a value that is not shown, and the rest of the URL has changed",
                    "write the URL out"));
        }
        return given;
    }

    /** Where a definition's secrets are sent to, as far as it says. */
    private static List<String> servers(JsonNode definition) {
        List<String> servers = new ArrayList<>();
        for (String name : URLS) {
            JsonNode url = definition.path(name).isTextual()
                    ? definition.path(name)
                    : definition.path("delivery").path(name);
            if (url.isTextual()) {
                servers.add(server(url.textValue()));
            }
        }
        return servers;
    }

    private static String server(String text) {
        try {
            URI url = URI.create(text.strip());
            return (url.getScheme() + "://" + url.getAuthority()).toLowerCase(java.util.Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    /** The members in which two definitions differ, as JSON pointers, at most a few; never a value. */
    static List<String> changed(JsonNode before, JsonNode after) {
        List<String> changed = new ArrayList<>();
        compare(before, after, "", changed);
        return changed;
    }

    private static void compare(JsonNode before, JsonNode after, String pointer, List<String> changed) {
        if (before.equals(after)) {
            return;
        }
        if (before.isObject()
                && after.isObject()
                && pointer.chars().filter(c -> c == '/').count() < 3) {
            Set<String> names = new java.util.TreeSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            names.forEach(name -> compare(before.path(name), after.path(name), pointer + "/" + name, changed));
        } else {
            changed.add(pointer);
        }
    }
}
