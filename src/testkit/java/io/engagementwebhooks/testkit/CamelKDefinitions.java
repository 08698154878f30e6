package io.engagementwebhooks.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;

/** Validates custom resources of Camel K strictly against their definitions in camel-k-crds. */
public final class CamelKDefinitions {

    private static final ObjectMapper JSON = new ObjectMapper();

    private CamelKDefinitions() {}

    /** @param plural such as {@code kamelets} */
    public static Set<ValidationMessage> faults(String plural, JsonNode resource) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4)
                .getSchema(schema(plural))
                .validate(resource);
    }

    /** The schema of the served version, without unknown members. */
    private static JsonNode schema(String plural) {
        String file = "/camel.apache.org_" + plural + ".yaml";
        try (InputStream in = CamelKDefinitions.class.getResourceAsStream(file)) {
            JsonNode definition = JSON.valueToTree(new Yaml().<Object>load(in));
            for (JsonNode version : definition.at("/spec/versions")) {
                if (version.get("name").asText().equals("v1")) {
                    JsonNode schema = version.at("/schema/openAPIV3Schema");
                    ((ObjectNode) schema.get("properties").get("metadata"))
                            .put("x-kubernetes-preserve-unknown-fields", true);
                    close(schema);
                    return schema;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError(file + " has no version v1");
    }

    private static void close(JsonNode schema) {
        if (schema instanceof ObjectNode object
                && object.path("type").asText().equals("object")
                && object.has("properties")
                && !object.has("additionalProperties")
                && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            object.put("additionalProperties", false);
        }
        schema.forEach(CamelKDefinitions::close);
    }
}
