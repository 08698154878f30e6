package io.engagementwebhooks.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The text of docs/openapi.yaml and its operations. */
record ApiDocument(JsonNode root) {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete", "head", "options");

    /** @param method in capitals */
    record Operation(String method, String path, JsonNode pathItem, JsonNode definition) {

        boolean isSending() {
            return toString().equals("POST /v1/events");
        }

        boolean isPublic() {
            JsonNode security = definition.path("security");
            return security.isArray() && security.isEmpty();
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    static ApiDocument of(String text) {
        try {
            return new ApiDocument(new ObjectMapper(new YAMLFactory()).readTree(text));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    static ApiDocument ofRepository() {
        try {
            return of(Files.readString(Path.of("docs", "openapi.yaml")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (METHODS.contains(method.getKey())) {
                        operations.add(new Operation(
                                method.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                path.getValue(),
                                method.getValue()));
                    }
                }));
        return operations;
    }

    JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? root.at(node.get("$ref").asText().substring(1)) : node;
    }

    List<JsonNode> parameters(Operation operation) {
        List<JsonNode> parameters = new ArrayList<>();
        operation.pathItem().path("parameters").forEach(p -> parameters.add(resolved(p)));
        operation.definition().path("parameters").forEach(p -> parameters.add(resolved(p)));
        return parameters;
    }

    /** The names of its query parameters. */
    List<String> query(Operation operation) {
        return parameters(operation).stream()
                .filter(parameter -> parameter.get("in").asText().equals("query"))
                .map(parameter -> parameter.get("name").asText())
                .toList();
    }
}
