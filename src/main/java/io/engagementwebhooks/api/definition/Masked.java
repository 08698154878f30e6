package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.config.schema.Rule;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.webhook.PublicUrl;
import io.engagementwebhooks.webhook.ResourceKind;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Masks definitions, and restores masked values of changed ones: secrets are shown as {@value #MASK}, values of a URL's
 * query as an ellipsis. Sent back as shown they keep the stored value, unless it would go to another server.
 */
public final class Masked {

    /** Shown instead of a secret. */
    public static final String MASK = Redactor.MASK;

    /** Shown instead of a value in a URL. */
    private static final String ELLIPSIS = "…";

    private static final String MAILTO = "mailto:";

    private Masked() {}

    /** A masked definition. Members unknown to the schema count as secrets. */
    static JsonNode shown(ResourceKind kind, JsonNode definition) {
        return members(definition, Schema.of(kind, definition.path("type").asText()));
    }

    private static ObjectNode members(JsonNode definition, Rule rule) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        definition
                .properties()
                .forEach(member -> shown.set(
                        member.getKey(),
                        rule.find(member.getKey())
                                .map(inner -> shown(member.getKey(), member.getValue(), inner))
                                .orElse(TextNode.valueOf(MASK))));
        return shown;
    }

    private static JsonNode shown(String name, JsonNode value, Rule rule) {
        if (rule.isJson()) {
            return value;
        }
        if (value.isObject()) {
            return rule.isMapping() ? members(value, rule) : TextNode.valueOf(MASK);
        }
        if (value.isArray()) {
            ArrayNode shown = JsonNodeFactory.instance.arrayNode();
            value.forEach(item -> shown.add(shown(name, item, rule.isList() ? rule.items() : rule)));
            return shown;
        }
        if (isSecret(rule, name)) {
            return TextNode.valueOf(MASK);
        }
        return value.isTextual() && rule.isUrl() ? TextNode.valueOf(shownUrl(value.textValue())) : value;
    }

    private static boolean isSecret(Rule rule, String name) {
        return rule.isSecret() || rule.isSecretByName() && Redactor.isSensitive(name);
    }

    private static String shownUrl(String text) {
        if (text.regionMatches(true, 0, MAILTO, 0, MAILTO.length())) {
            return text;
        }
        try {
            URI url = URI.create(text.strip());
            return url.getHost() == null ? PublicUrl.path(url) : PublicUrl.of(url);
        } catch (IllegalArgumentException e) {
            return text.contains("{{") ? text : MASK;
        }
    }

    /**
     * Restores the masked values of a definition.
     *
     * @param given with masked values
     * @param kept the stored definition, or null: there is none
     * @param faults gets masked values without a stored value
     */
    static ObjectNode meant(ResourceKind kind, ObjectNode given, JsonNode kept, List<FieldFault> faults) {
        Rule rule = Schema.of(kind, given.path("type").asText());
        JsonNode old = kept == null ? given.objectNode() : kept;
        Meant meant = new Meant(new ArrayList<>(), faults);
        ObjectNode definition = meant.object(given, old, rule, "");
        if (!servers(old, rule).containsAll(servers(definition, rule))) {
            meant.used.forEach(pointer -> faults.add(new FieldFault(
                    pointer,
                    "the stored secret belongs to another server than the one it would be sent to now",
                    "enter the secret in place of " + MASK,
                    "other-server")));
        }
        return definition;
    }

    /** @param used where stored secrets are used again */
    private record Meant(List<String> used, List<FieldFault> faults) {

        ObjectNode object(JsonNode given, JsonNode old, Rule rule, String pointer) {
            ObjectNode meant = JsonNodeFactory.instance.objectNode();
            given.properties().forEach(member -> {
                String name = member.getKey();
                String at = pointer + "/" + name.replace("~", "~0").replace("/", "~1");
                meant.set(
                        name,
                        rule.find(name)
                                .map(inner -> node(name, member.getValue(), old.path(name), inner, at))
                                .orElse(member.getValue()));
            });
            return meant;
        }

        private JsonNode node(String name, JsonNode given, JsonNode old, Rule rule, String pointer) {
            if (given.isObject()) {
                return rule.isMapping() ? object(given, old, rule, pointer) : given;
            }
            if (given.isArray()) {
                ArrayNode meant = JsonNodeFactory.instance.arrayNode();
                Rule ofItems = rule.isList() ? rule.items() : rule;
                for (int i = 0; i < given.size(); i++) {
                    meant.add(node(name, given.get(i), ofSameId(given.get(i), old), ofItems, pointer + "/" + i));
                }
                return meant;
            }
            return given.isTextual() ? text(name, given, old, rule, pointer) : given;
        }

        private JsonNode text(String name, JsonNode given, JsonNode old, Rule rule, String pointer) {
            boolean isSecret = isSecret(rule, name);
            if ((isSecret || rule.isUrl()) && old.isValueNode() && given.equals(shown(name, old, rule))) {
                if (isSecret) {
                    used.add(pointer);
                }
                return old;
            }
            if (isSecret && given.textValue().equals(MASK)) {
                faults.add(new FieldFault(
                        pointer,
                        "'" + MASK + "' stands for a stored value, and none is stored here",
                        "give the value",
                        "required"));
            } else if (!isSecret && rule.isUrl() && given.textValue().contains(ELLIPSIS)) {
                faults.add(new FieldFault(
                        pointer,
                        "'" + ELLIPSIS + "' stands for a masked value, and the rest of the URL has changed",
                        "enter the whole URL",
                        "hidden-url"));
            }
            return given;
        }
    }

    private static JsonNode ofSameId(JsonNode item, JsonNode old) {
        for (JsonNode other : old) {
            if (item.isObject() && other.path("id").equals(item.path("id"))) {
                return other;
            }
        }
        return item.path("none");
    }

    /** The servers that get a definition's secrets, as far as the definition names them. */
    private static List<String> servers(JsonNode definition, Rule rule) {
        List<String> servers = new ArrayList<>();
        definition.properties().forEach(member -> rule.find(member.getKey()).ifPresent(inner -> {
            if (member.getKey().equals("delivery") && member.getValue().isObject()) {
                servers.addAll(servers(member.getValue(), inner));
            } else if (inner.isUrl() && member.getValue().isTextual()) {
                servers.add(server(member.getValue().textValue()));
            }
        }));
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

    /** JSON pointers of changed members, at most a few; never a value. */
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
