package io.engagementwebhooks.deploy;

import static io.engagementwebhooks.testkit.Needed.needed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The Helm chart, by Helm and kubeconform, with the schemas of Kubernetes from its Go module. No cluster is asked. */
@Tag("polyglot")
@Timeout(600)
class HelmChartTest {

    private static final Path CHART = Path.of("deploy/helm/engagement-webhooks");
    private static final String KUBERNETES = "1.33.4";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @BeforeEach
    void requireTools() {
        for (String tool : List.of("go", "helm", "kubeconform")) {
            needed(Tools.isHere(tool), tool + " is not on this machine's PATH");
        }
    }

    private static List<Path> valuesFiles() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
            return files.sorted().toList();
        }
    }

    private static String output(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), command::toString);
        return printed;
    }

    private static String rendered(String... options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("helm", "template", "engagement-webhooks", "" + CHART, "--kube-version", KUBERNETES));
        command.addAll(Arrays.asList(options));
        return output(command);
    }

    private static Map<String, Object> resources(String... options) throws Exception {
        return StreamSupport.stream(new Yaml().loadAll(rendered(options)).spliterator(), false)
                .collect(Collectors.toMap(
                        each -> Manifests.in(each, "kind") + " " + Manifests.in(each, "metadata", "name"),
                        each -> each,
                        (one, other) -> {
                            throw new AssertionError("twice: " + one);
                        },
                        TreeMap::new));
    }

    private static String values(String name) {
        return CHART.resolve("ci").resolve(name + "-values.yaml").toString();
    }

    @Test
    void the_base_of_kustomize_is_the_chart_with_its_default_values() throws Exception {
        Tools.run(folder, Path.of("deploy/helm/render.sh").toAbsolutePath().toString(), folder.toString());
        for (String file : List.of(
                "deployment.yaml",
                "network-policy.yaml",
                "service.yaml",
                "service-account.yaml",
                "volume-claim.yaml",
                "webhooks.yaml")) {
            assertEquals(
                    Manifests.text("kubernetes/base/" + file), Files.readString(folder.resolve(file)), "run render.sh");
        }
        Object config = resources().get("ConfigMap engagement-webhooks");
        assertEquals(Manifests.text("kubernetes/base/webhooks.yaml"), Manifests.in(config, "data", "webhooks.yaml"));
    }

    @Test
    void each_values_file_passes_lint_and_makes_what_kubernetes_accepts() throws Exception {
        String schemas = schemas();
        assertEquals(8, valuesFiles().size());
        for (Path values : valuesFiles()) {
            output(List.of("helm", "lint", "--strict", "--kube-version", KUBERNETES, "-f", "" + values, "" + CHART));
            Path manifests = Files.writeString(folder.resolve(values.getFileName()), rendered("-f", "" + values));
            verify(schemas, manifests);
        }
        Path wrong = Files.writeString(
                folder.resolve("wrong.yaml"), rendered().replace("readOnlyRootFilesystem", "readOnlyRoot"));
        assertThrows(AssertionError.class, () -> verify(schemas, wrong), "a wrong one would be found");
    }

    private static void verify(String schemas, Path manifests) throws Exception {
        // without the custom resources of the Prometheus Operator
        output(List.of(
                "kubeconform",
                "-strict",
                "-schema-location",
                schemas,
                "-skip",
                "PodMonitor,PrometheusRule",
                "" + manifests));
    }

    /** Strict JSON Schemas of this version of Kubernetes, a file per kind. @return where kubeconform finds them */
    private String schemas() throws Exception {
        JsonNode module =
                JSON.readTree(output(List.of("go", "mod", "download", "-json", "k8s.io/kubernetes@v" + KUBERNETES)));
        Path specification = Path.of(module.get("Dir").asText(), "api", "openapi-spec", "swagger.json");
        ObjectNode definitions =
                (ObjectNode) JSON.readTree(specification.toFile()).get("definitions");
        for (Map.Entry<String, JsonNode> each : definitions.properties()) {
            ObjectNode definition = (ObjectNode) each.getValue();
            if (each.getKey().endsWith(".IntOrString") || each.getKey().endsWith(".Quantity")) {
                definition.putArray("type").add("number").add("string");
            }
            if (definition.has("properties")) {
                definition.put("additionalProperties", false);
            }
            for (JsonNode kind : definition.path("x-kubernetes-group-version-kind")) {
                String group = kind.get("group").asText().replaceFirst("\\..*", "");
                String name = Stream.of(
                                kind.get("kind").asText().toLowerCase(Locale.ROOT),
                                group,
                                kind.get("version").asText())
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining("-"));
                JSON.writeValue(
                        folder.resolve(name + ".json").toFile(),
                        Map.of("$ref", "all.json#/definitions/" + each.getKey()));
            }
        }
        JSON.writeValue(folder.resolve("all.json").toFile(), Map.of("definitions", definitions));
        return folder + "/{{ .ResourceKind }}{{ .KindSuffix }}.json";
    }

    @Test
    void on_postgresql_there_are_several_instances_without_a_volume_as_in_the_overlay() throws Exception {
        Map<String, Object> made = resources("-f", values("postgresql"));
        assertTrue(made.keySet().stream().noneMatch(name -> name.startsWith("PersistentVolumeClaim")), made::toString);
        Map<String, Object> overlay = Manifests.map(Manifests.patched(
                Manifests.at("kubernetes/base/deployment.yaml"),
                Manifests.at("kubernetes/overlays/scaled/deployment.yaml")));
        Object deployment = made.get("Deployment engagement-webhooks");
        for (String member : List.of("replicas", "strategy", "selector")) {
            assertEquals(Manifests.in(overlay, "spec", member), Manifests.in(deployment, "spec", member), member);
        }
        assertEquals(
                Manifests.at("kubernetes/overlays/scaled/disruption-budget.yaml"),
                made.get("PodDisruptionBudget engagement-webhooks"));
        Map<Object, Object> settings = environment(overlay);
        settings.keySet().removeIf(name -> name.toString().startsWith("WEBHOOKS_KAFKA"));
        assertEquals(settings, environment(deployment));
    }

    private static Map<Object, Object> environment(Object deployment) {
        Map<Object, Object> environment = new TreeMap<>();
        Manifests.list(Manifests.in(deployment, "spec", "template", "spec", "containers", 0, "env"))
                .forEach(each -> environment.put(Manifests.in(each, "name"), Manifests.in(each, "value")));
        return environment;
    }

    @Test
    void a_value_that_the_chart_does_not_know_is_refused() {
        assertThrows(AssertionError.class, () -> rendered("--set", "replica=2"));
        assertThrows(AssertionError.class, () -> rendered("--set", "store.type=mysql"));
    }
}
