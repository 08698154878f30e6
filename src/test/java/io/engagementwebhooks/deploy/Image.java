package io.engagementwebhooks.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.engagementwebhooks.testkit.Tools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** An image in OCI layout, as the specification of the layout reads it. */
record Image(Path layout) {

    private static final ObjectMapper JSON = new ObjectMapper();

    static Image unpacked(Path tar, Path folder) throws Exception {
        Files.createDirectory(folder);
        Tools.run(folder, "tar", "xf", tar.toString());
        assertEquals(
                "1.0.0",
                JSON.readTree(folder.resolve("oci-layout").toFile())
                        .get("imageLayoutVersion")
                        .asText());
        return new Image(folder);
    }

    /** Its file, which its digest names. */
    private Path blob(JsonNode descriptor) throws Exception {
        String digest = descriptor.get("digest").asText();
        Path blob = layout.resolve("blobs").resolve(digest.replace(':', '/'));
        assertEquals(digest, "sha256:" + ShippedRelease.digest("SHA-256", blob));
        assertEquals(descriptor.get("size").asLong(), Files.size(blob));
        return blob;
    }

    private JsonNode manifest(String architecture) throws Exception {
        JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
        JsonNode image = JSON.readTree(blob(index.at("/manifests/0")).toFile());
        JsonNode descriptor = StreamSupport.stream(image.get("manifests").spliterator(), false)
                .filter(each -> each.at("/platform/architecture").asText().equals(architecture))
                .findFirst()
                .orElseThrow();
        return JSON.readTree(blob(descriptor).toFile());
    }

    private static String own() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    List<String> layers(String architecture) throws Exception {
        List<String> layers = new ArrayList<>();
        manifest(architecture)
                .get("layers")
                .forEach(each -> layers.add(each.get("digest").asText()));
        return layers;
    }

    /** How this machine's container starts. */
    JsonNode config() throws Exception {
        return JSON.readTree(blob(manifest(own()).get("config")).toFile()).get("config");
    }

    /** The layers of this machine's, one over the other. */
    Path fileSystem(Path root) throws Exception {
        Files.createDirectory(root);
        for (JsonNode layer : manifest(own()).get("layers")) {
            Tools.run(root, "tar", "xpzf", blob(layer).toString());
        }
        return root;
    }
}
