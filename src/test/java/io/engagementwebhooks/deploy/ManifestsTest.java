package io.engagementwebhooks.deploy;

import static io.engagementwebhooks.deploy.Manifests.at;
import static io.engagementwebhooks.deploy.Manifests.in;
import static io.engagementwebhooks.deploy.Manifests.list;
import static io.engagementwebhooks.deploy.Manifests.map;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.CamelKDefinitions;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** What deploy/ holds is what Kubernetes and Camel K know, and says what it should. No cluster is asked. */
class ManifestsTest {

    private static final String BASE = "kubernetes/base/";
    private static final String SCALED = "kubernetes/overlays/scaled/";
    private static final String CAMEL_K = "camel-k/";

    private static Map<String, Object> scaled() {
        return map(Manifests.patched(at(BASE + "deployment.yaml"), at(SCALED + "deployment.yaml")));
    }

    private static List<String> resources(String folder) {
        return list(at(folder + "kustomization.yaml").get("resources")).stream()
                .map(Object::toString)
                .filter(name -> name.endsWith(".yaml"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {BASE, SCALED})
    void every_resource_is_what_kubernetes_knows(String folder) throws IOException {
        assertTrue(resources(folder).size() > 1);
        resources(folder).forEach(name -> StrictKubernetes.read(at(folder + name)));
        Set<String> used = new TreeSet<>(resources(folder));
        list(at(folder + "kustomization.yaml").get("patches"))
                .forEach(patch -> used.add(String.valueOf(map(patch).get("path"))));
        used.addAll(Set.of("kustomization.yaml", "webhooks.yaml"));
        try (Stream<Path> files = Files.list(Manifests.FOLDER.resolve(folder))) {
            List<String> unused = files.map(file -> file.getFileName().toString())
                    .filter(name -> !used.contains(name))
                    .toList();
            assertEquals(List.of(), unused);
        }
    }

    @Test
    void a_member_that_kubernetes_does_not_know_would_be_found() {
        Map<String, Object> wrong = at(BASE + "deployment.yaml");
        map(in(wrong, "spec", "template", "spec")).put("restartPolicyy", "Always");
        assertThrows(AssertionError.class, () -> StrictKubernetes.read(wrong));
    }

    @Test
    void the_overlay_is_what_kubernetes_knows_when_it_is_laid_over_the_base() {
        Deployment deployment = (Deployment) StrictKubernetes.read(scaled());
        assertEquals(3, deployment.getSpec().getReplicas());
        assertEquals("RollingUpdate", deployment.getSpec().getStrategy().getType());
        assertTrue(deployment.getSpec().getTemplate().getSpec().getVolumes().stream()
                .allMatch(volume -> volume.getPersistentVolumeClaim() == null));
        assertEquals(
                at(BASE + "deployment.yaml").get("metadata") instanceof Map<?, ?> metadata
                        ? metadata.get("name")
                        : null,
                in(at(SCALED + "autoscaler.yaml"), "spec", "scaleTargetRef", "name"));
        assertEquals("add", in(new Yaml().load(Manifests.text(SCALED + "network-policy.yaml")), 0, "op"));
    }

    @Test
    void a_node_can_be_drained_and_instances_stay() {
        Map<String, Object> budget = at(SCALED + "disruption-budget.yaml");
        int stay = (int) in(budget, "spec", "minAvailable");
        assertTrue(stay >= 1);
        assertTrue(stay < (int) in(scaled(), "spec", "replicas"), "one of them may go");
        assertTrue(stay < (int) in(at(SCALED + "autoscaler.yaml"), "spec", "minReplicas"));
        assertEquals(in(scaled(), "spec", "selector", "matchLabels"), in(budget, "spec", "selector", "matchLabels"));
    }

    @Test
    void ports_are_those_that_the_product_listens_at_and_who_may_ask_for_them_is_said() throws IOException {
        Properties defaults = new Properties();
        try (Reader reader = Files.newBufferedReader(Path.of("application.properties"))) {
            defaults.load(reader);
        }
        Map<Object, Object> ports = new LinkedHashMap<>();
        list(in(scaled(), "spec", "template", "spec", "containers", 0, "ports"))
                .forEach(port -> ports.put(map(port).get("name"), map(port).get("containerPort")));
        assertEquals(
                defaults.getProperty("camel.server.port"), ports.get("http").toString());
        assertEquals(
                defaults.getProperty("camel.management.port"),
                ports.get("management").toString());
        assertEquals(
                ports.get("management").toString(),
                map(in(scaled(), "spec", "template", "metadata", "annotations")).get("prometheus.io/port"));
        assertEquals("http", in(at(BASE + "service.yaml"), "spec", "ports", 0, "targetPort"));

        Map<String, Object> policy = map(at(BASE + "network-policy.yaml").get("spec"));
        assertEquals(in(scaled(), "spec", "selector", "matchLabels"), in(policy, "podSelector", "matchLabels"));
        Set<Object> letIn = new TreeSet<>();
        list(policy.get("ingress")).forEach(rule -> {
            assertFalse(list(map(rule).get("from")).isEmpty(), "everybody may come in");
            list(map(rule).get("ports")).forEach(port -> letIn.add(map(port).get("port")));
        });
        assertEquals(ports.keySet(), letIn);
    }

    /** It watches Deployments with this label, and reads metrics and health at port 9876 unless an annotation says another. */
    @Test
    void the_camel_monitor_operator_finds_the_deployments_and_may_read_their_metrics() {
        String label = "camel.apache.org/monitor";
        assertEquals(in(scaled(), "metadata", "name"), in(scaled(), "metadata", "labels", label));
        Map<String, Object> integration = at(CAMEL_K + "integration.yaml");
        assertEquals(in(integration, "metadata", "name"), in(integration, "metadata", "labels", label));
        assertEquals(List.of(label), in(integration, "spec", "traits", "owner", "targetLabels"));

        Object container = in(scaled(), "spec", "template", "spec", "containers", 0);
        assertEquals(Map.of("name", "management", "containerPort", 9876), in(container, "ports", 1));
        Object management = in(at(BASE + "network-policy.yaml"), "spec", "ingress", 1);
        assertEquals("management", in(management, "ports", 0, "port"));
        assertEquals(
                List.of("monitoring", "camel-dashboard"),
                list(in(management, "from")).stream()
                        .map(from -> map(in(from, "namespaceSelector", "matchLabels"))
                                .get("kubernetes.io/metadata.name"))
                        .toList());
    }

    /** Of the database and the brokers: the overlay's variables name both by host and port. */
    @Test
    void the_overlay_lets_out_to_the_namespaces_and_ports_that_its_settings_name() {
        String settings =
                list(in(at(SCALED + "deployment.yaml"), "spec", "template", "spec", "containers", 0, "env")).stream()
                        .map(variable -> String.valueOf(map(variable).get("value")))
                        .collect(Collectors.joining("\n"));
        List<Object> rules = new Yaml().load(Manifests.text(SCALED + "network-policy.yaml"));
        assertEquals(2, rules.size());
        for (Object rule : rules) {
            Object namespace = map(in(rule, "value", "to", 0, "namespaceSelector", "matchLabels"))
                    .get("kubernetes.io/metadata.name");
            Object port = in(rule, "value", "ports", 0, "port");
            assertTrue(settings.contains("." + namespace + ".svc:" + port), () -> rule + " is of none of " + settings);
        }
    }

    @Test
    void an_embedded_store_has_one_instance_and_the_old_one_ends_first() {
        Map<String, Object> base = at(BASE + "deployment.yaml");
        assertEquals(1, in(base, "spec", "replicas"));
        assertEquals("Recreate", in(base, "spec", "strategy", "type"));
        assertNull(in(base, "spec", "strategy", "rollingUpdate"));
    }

    @Test
    void a_container_has_no_rights_it_does_not_need() {
        Map<String, Object> pod = map(in(scaled(), "spec", "template", "spec"));
        assertEquals(true, in(pod, "securityContext", "runAsNonRoot"));
        Map<String, Object> container = map(in(pod, "containers", 0));
        assertEquals(true, in(container, "securityContext", "readOnlyRootFilesystem"));
        assertEquals(false, in(container, "securityContext", "allowPrivilegeEscalation"));
        assertEquals(List.of("ALL"), in(container, "securityContext", "capabilities", "drop"));
        Set<Object> mounted = list(container.get("volumeMounts")).stream()
                .map(mount -> map(mount).get("name"))
                .collect(Collectors.toSet());
        Set<Object> volumes = list(pod.get("volumes")).stream()
                .map(volume -> map(volume).get("name"))
                .collect(Collectors.toSet());
        assertEquals(volumes, mounted);
        assertTrue((int) pod.get("terminationGracePeriodSeconds") > 45);
    }

    @Test
    void every_name_that_the_integration_refers_to_is_made_in_its_folder_or_by_a_command_of_its_page()
            throws IOException {
        Map<String, Object> integration = at(CAMEL_K + "integration.yaml");
        Set<String> referred = new TreeSet<>();
        referred.add("serviceaccount:" + in(integration, "spec", "serviceAccountName"));
        list(in(integration, "spec", "traits", "mount", "resources"))
                .forEach(each -> referred.add(each.toString().replaceFirst("[/@].*", "")));
        list(in(integration, "spec", "traits", "mount", "volumes"))
                .forEach(each ->
                        referred.add("persistentvolumeclaim:" + each.toString().replaceFirst(":.*", "")));

        Set<String> made = new TreeSet<>();
        for (String name : resources(CAMEL_K)) {
            Map<String, Object> resource = at(CAMEL_K + name);
            if (!resource.equals(integration)) {
                StrictKubernetes.read(resource);
            }
            made.add(resource.get("kind").toString().toLowerCase(Locale.ROOT) + ":" + in(resource, "metadata", "name"));
        }
        Map<String, Object> kustomization = at(CAMEL_K + "kustomization.yaml");
        assertEquals(true, in(kustomization, "generatorOptions", "disableNameSuffixHash"));
        list(kustomization.get("configMapGenerator"))
                .forEach(each -> made.add("configmap:" + map(each).get("name")));
        Pattern.compile("kubectl create (?:(secret) generic|(configmap)) (\\S+)")
                .matcher(Files.readString(Path.of("docs/operations.md")))
                .results()
                .forEach(command -> made.add(
                        (command.group(1) == null ? command.group(2) : command.group(1)) + ":" + command.group(3)));
        assertTrue(made.containsAll(referred), () -> referred + " of " + made);
    }

    @Test
    void under_camel_k_the_pod_is_that_of_the_base() throws IOException {
        Map<String, Object> pod = map(in(at(CAMEL_K + "integration.yaml"), "spec", "template", "spec"));
        Map<String, Object> base = map(in(at(BASE + "deployment.yaml"), "spec", "template", "spec"));
        assertEquals(in(base, "terminationGracePeriodSeconds"), in(pod, "terminationGracePeriodSeconds"));
        for (String member : List.of("runAsNonRoot", "runAsUser", "runAsGroup", "fsGroup")) {
            assertEquals(in(base, "securityContext", member), in(pod, "securityContext", member), member);
        }
        assertEquals(
                in(at(CAMEL_K + "integration.yaml"), "spec", "traits", "container", "name"),
                in(pod, "containers", 0, "name"));
        Object management = in(pod, "containers", 0, "ports", 0);
        assertEquals(in(base, "containers", 0, "ports", 1), management);
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            Map<String, Object> asked = map(in(pod, "containers", 0, probe));
            assertEquals(map(management).get("containerPort"), in(asked, "httpGet", "port"));
            map(asked.get("httpGet")).put("port", map(management).get("name"));
            assertEquals(in(base, "containers", 0, probe), asked);
        }
        for (String same : List.of("service-account.yaml", "volume-claim.yaml", "webhooks.yaml")) {
            assertEquals(Manifests.text(BASE + same), Manifests.text(CAMEL_K + same));
        }
        assertEquals(
                Manifests.text(BASE + "network-policy.yaml")
                        .replace("app.kubernetes.io/name: e", "camel.apache.org/integration: e"),
                Manifests.text(CAMEL_K + "network-policy.yaml"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"integrations:integration", "pipes:50-partner-events.camel"})
    void what_camel_k_is_given_is_what_its_resource_definitions_know(String pair) {
        String[] names = pair.split(":");
        JsonNode manifest = new ObjectMapper().valueToTree(at(CAMEL_K + names[1] + ".yaml"));
        assertEquals(Set.of(), CamelKDefinitions.faults(names[0], manifest));

        ObjectNode wrong = manifest.deepCopy();
        ((ObjectNode) wrong.get("spec")).put("replicass", 1);
        assertFalse(CamelKDefinitions.faults(names[0], wrong).isEmpty(), "a wrong one would be found");
    }

    @Test
    void the_pipe_goes_through_kamelets_of_the_catalogue_with_properties_they_have() throws IOException {
        Map<String, Object> pipe = at(CAMEL_K + "50-partner-events.camel.yaml");
        Map<String, Object> parts = new LinkedHashMap<>();
        parts.put("source", in(pipe, "spec", "source"));
        list(in(pipe, "spec", "steps")).forEach(step -> parts.put("step " + parts.size(), step));
        for (Object part : parts.values()) {
            String name = (String) in(part, "ref", "name");
            Map<String, Object> kamelet =
                    new Yaml().load(Files.readString(Path.of("kamelet-catalog", name + ".kamelet.yaml")));
            Object known = in(kamelet, "spec", "definition", "properties");
            Object given = map(part).get("properties");
            if (given != null) {
                assertTrue(map(known).keySet().containsAll(map(given).keySet()), name);
            }
        }
    }
}
